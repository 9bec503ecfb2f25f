import { cleanSlot } from '../lib/app/lifecycle/clean.ts'
import type { CleanInput, Slice } from '../lib/contract/machines.ts'
import { environment } from '../lib/runtime/environment.ts'
import { composeWithHosts } from '../lib/runtime/hosts.ts'
import { lazy } from '../lib/runtime/lazy.ts'
import { step } from '../lib/runtime/step.ts'

const ports = lazy(() => composeWithHosts(environment('clean')))

/** Cleans one dirty slot, or says when to try again. */
export const handler = step(({ host, slot, tries }: CleanInput): Promise<Slice> =>
  cleanSlot(ports(), host, slot, tries),
)
