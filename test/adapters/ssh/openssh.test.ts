import { test } from 'vitest'
import { hostsContract } from '../../contracts/hosts.ts'
import { openOpenSshHost } from '../../support/hosts/openssh.ts'
import { hasOpenSsh } from '../../support/openssh.ts'

if (hasOpenSsh) hostsContract('ssh over OpenSSH', () => openOpenSshHost())
else test.skip('ssh over OpenSSH (skipped: no sshd)', () => undefined)
