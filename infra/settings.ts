import type { FunctionName } from '../lib/contract/environment.ts'

/** Size and longest run of one function. */
export interface FunctionSettings {
  readonly memoryMegabytes: number
  readonly timeoutSeconds: number
  readonly description: string
}

/** An HTTP API gives up after 30 s: the function ends first, so that its log says why. */
export const INTEGRATION_TIMEOUT_SECONDS = 29

/**
 * 512 MB where somebody waits for the answer (CPU comes with memory, and a cold start is mostly CPU); 256 MB where the
 * time is spent waiting for a host or for a change.
 */
export const FUNCTIONS: Readonly<Record<FunctionName, FunctionSettings>> = {
  api: { memoryMegabytes: 512, timeoutSeconds: 28, description: 'Every route but the long polls' },
  poll: {
    memoryMegabytes: 256,
    timeoutSeconds: 28,
    description: 'Reads that wait for a change (20 s at most)',
  },
  authorize: {
    memoryMegabytes: 512,
    timeoutSeconds: 10,
    description: 'Says who calls: API, lease or OIDC token',
  },
  decide: {
    memoryMegabytes: 512,
    timeoutSeconds: 20,
    description: 'Reads a lease and says where it goes next',
  },
  activate: { memoryMegabytes: 512, timeoutSeconds: 60, description: 'Makes a slot ready for its lease' },
  destroy: {
    memoryMegabytes: 512,
    timeoutSeconds: 120,
    description: 'Kills and tidies what a lease left on its slot',
  },
  finalize: {
    memoryMegabytes: 512,
    timeoutSeconds: 30,
    description: 'Gives the slot to the next, or frees it',
  },
  follow: { memoryMegabytes: 256, timeoutSeconds: 900, description: 'Starts a command and keeps its output' },
  land: {
    memoryMegabytes: 512,
    timeoutSeconds: 60,
    description: 'Brings a landing on: its turn, its lease, its steps, its end',
  },
  'land-at-host': {
    memoryMegabytes: 256,
    timeoutSeconds: 90,
    description: 'Has a host make the commit of a landing, or push it',
  },
  'drive-build': {
    memoryMegabytes: 512,
    timeoutSeconds: 30,
    description: 'Takes one step of a build, as its record asks for it',
  },
  notify: {
    memoryMegabytes: 256,
    timeoutSeconds: 30,
    description: 'Tells the webhook of a build of its end',
  },
  clean: {
    memoryMegabytes: 256,
    timeoutSeconds: 120,
    description: 'Cleans a dirty slot until it may be given away',
  },
  probe: {
    memoryMegabytes: 256,
    timeoutSeconds: 120,
    description: 'Asks a host whether it is well, or well again',
  },
  sweep: {
    memoryMegabytes: 512,
    timeoutSeconds: 60,
    description: 'Puts right every lease whose timer is due',
  },
  audit: {
    memoryMegabytes: 512,
    timeoutSeconds: 900,
    description: 'Finds what no timer leads to, such as a lost slot',
  },
  repair: {
    memoryMegabytes: 512,
    timeoutSeconds: 60,
    description: 'Puts right one lease whose execution ended badly',
  },
  'issue-token': {
    memoryMegabytes: 256,
    timeoutSeconds: 15,
    description: 'The first operator token; invoked by hand',
  },
}

/** SecureStrings are made outside CloudFormation, which cannot create them: here are only their names. */
export const PARAMETERS = {
  issuers: '/drydock/issuers',
  sshKey: '/drydock/ssh-key',
  leaseTokenKey: '/drydock/lease-token-key',
  secretKey: '/drydock/secret-key',
  webhookSecrets: '/drydock/webhook-secrets',
} as const

/** Machines that bear this tag with the value `true` may be sent commands. */
export const HOST_TAG = 'drydock-host'
