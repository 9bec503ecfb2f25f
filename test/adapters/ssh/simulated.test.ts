import { hostsContract } from '../../contracts/hosts.ts'
import { openSimulatedHost } from '../../support/hosts/simulated.ts'

hostsContract('ssh over a simulated host', openSimulatedHost)
