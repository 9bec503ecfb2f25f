import { hostsContract } from '../contracts/hosts.ts'
import { openShellHost } from '../support/hosts/shell.ts'

hostsContract('the host script', openShellHost)
