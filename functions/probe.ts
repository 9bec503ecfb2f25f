import { probeHost } from '../lib/app/fleet/probe-host.ts'
import type { ProbeInput, Slice } from '../lib/contract/machines.ts'
import { environment } from '../lib/runtime/environment.ts'
import { composeWithHosts } from '../lib/runtime/hosts.ts'
import { lazy } from '../lib/runtime/lazy.ts'
import { step } from '../lib/runtime/step.ts'

const ports = lazy(() => composeWithHosts(environment('probe')))

/** Asks a quarantined host whether it is well again, or says when to ask. */
export const handler = step(({ host, tries }: ProbeInput): Promise<Slice> => probeHost(ports(), host, tries))
