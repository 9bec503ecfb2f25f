import type { Definition } from './asl.ts'
import { sliceMachine } from './slices.ts'
import type { SliceTarget } from './slices.ts'

/** One execution per command: starts it on the host, keeps its output and records its end, whoever listens or not. */
export function commandMachine(follow: SliceTarget): Definition {
  return sliceMachine('Follows one command to its end.', 'Follow', 'follow', follow)
}
