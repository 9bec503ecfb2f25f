import type { Definition } from './asl.ts'
import { sliceMachine } from './slices.ts'
import type { SliceTarget } from './slices.ts'

/** Cleans one dirty slot as soon as it is dirty, and tries again for as long as the function says. */
export function slotMachine(clean: SliceTarget): Definition {
  return sliceMachine('Cleans one slot until it may be given away.', 'Clean', 'clean', clean)
}
