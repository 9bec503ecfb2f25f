import { describe } from 'vitest'
import { hostsContract } from '../../contracts/hosts.ts'
import { openOpenSshHost } from '../../support/hosts/openssh.ts'
import { hasOpenSsh } from '../../support/openssh.ts'

if (!hasOpenSsh) console.warn('skipped: no sshd (install OpenSSH to run the host contract over it)')

describe.skipIf(!hasOpenSsh)('with sshd', () => {
  hostsContract('ssh over OpenSSH', () => openOpenSshHost())
})
