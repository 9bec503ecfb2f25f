import type { DisableRequest } from '../../contract/blueprint.ts'
import type { BuildRequest } from '../../contract/build.ts'
import type { CommandRequest } from '../../contract/command.ts'
import type { ConfigInput } from '../../contract/config.ts'
import type { DrainRequest, LossRequest } from '../../contract/host.ts'
import type { LandingRequest } from '../../contract/landing.ts'
import type { ExtendRequest, LeaseRequest } from '../../contract/lease.ts'
import type { RouteName } from '../../contract/routes.ts'
import type { TokenRequest } from '../../contract/token.ts'

const lease: LeaseRequest = {
  blueprint: 'checkout',
  repository: 'example',
  commit: 'main',
  ttlSeconds: 600,
  note: 'https://ci.example/jobs/1234',
}

const command: CommandRequest = { argv: ['sh', '-c', 'git log -1 --oneline && ls'], timeoutSeconds: 600 }

const landing: LandingRequest = {
  repository: 'example',
  branch: 'main',
  source: 'feature/faster-start',
  message: 'Start faster',
  author: { name: 'Ada Example', email: 'ada@example.org' },
  verify: [{ name: 'test', script: 'make test', timeoutSeconds: 900 }],
}

const build: BuildRequest = {
  repository: 'example',
  commit: 'main',
  environment: { LANG: 'C.UTF-8' },
  steps: [
    { name: 'test', script: 'git log -1 --oneline\nls', timeoutSeconds: 600 },
    { name: 'report', script: 'echo "$DRYDOCK_BUILD_STATUS"', always: true },
  ],
}

const config: ConfigInput = {
  blueprints: {
    linux: { type: 'host', allow: ['acme'] },
    checkout: { type: 'working-copy', pools: ['linux'], allow: ['acme'] },
  },
  hosts: {
    'build-1': {
      pool: 'linux',
      address: 'build-1.example',
      user: 'drydock',
      hostKey: 'SHA256:2SSuJ1yfZn0cT8mmg2v6BkX7hQm3m2KcD4b4b3L3u0o',
      capacity: 4,
    },
  },
  repositories: {
    example: {
      url: 'https://git.example/example.git',
      landing: { branches: ['main', 'release/*'], allow: ['acme'] },
    },
  },
  tenants: { acme: { leases: 20 } },
}

const token: TokenRequest = { tenant: 'acme', scopes: ['lease'], note: 'CI of acme' }

const drain: DrainRequest = { reason: 'new kernel', until: '2030-01-01T06:00:00Z' }

const extension: ExtendRequest = { extendSeconds: 3_600, reason: 'the release build takes longer today' }

const loss: LossRequest = { reason: 'its disk is broken' }

const disable: DisableRequest = { reason: 'the compiler is being replaced' }

/** Bodies that a reader can start from; a test holds each against its schema. */
export const examples: Readonly<Partial<Record<RouteName, object>>> = {
  createLease: lease,
  renewLease: { ttlSeconds: 600 },
  extendLease: extension,
  releaseLease: { outcome: 'ok' },
  runCommand: command,
  createLanding: landing,
  createBuild: build,
  drainHost: drain,
  loseHost: loss,
  disableBlueprint: disable,
  applyConfig: config,
  createToken: token,
}
