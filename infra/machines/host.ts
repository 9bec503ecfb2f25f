import type { Definition } from './asl.ts'
import { sliceMachine } from './slices.ts'
import type { SliceTarget } from './slices.ts'

/** Probes one quarantined host from time to time until it is well again, or nobody waits for that any more. */
export function hostMachine(probe: SliceTarget): Definition {
  return sliceMachine('Probes one quarantined host until it is well.', 'Probe', 'probe', probe)
}
