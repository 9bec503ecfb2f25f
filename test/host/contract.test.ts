import { describe } from 'vitest'
import { hostsContract } from '../contracts/hosts.ts'
import { mayChangeUsers } from '../support/hosts/levels.ts'
import { openShellHost } from '../support/hosts/shell.ts'

hostsContract('the host script', openShellHost)

describe.runIf(mayChangeUsers)('with a user for each slot', () => {
  hostsContract('the host script', () => openShellHost('user'))
})
