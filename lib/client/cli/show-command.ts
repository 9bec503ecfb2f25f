import type { CommandEnd, OutputPiece } from '../follow.ts'
import type { RunningCommand } from '../held-lease.ts'
import { EXIT } from './exit-codes.ts'
import type { Screen } from './screen.ts'

/** A command's output as it comes; answers the exit code that stands for its end. */
export async function showCommand(command: RunningCommand, screen: Screen): Promise<number> {
  for await (const piece of command) await showPiece(piece, screen)
  const end = await command.ended()
  if (screen.mode !== 'text' || end.cause !== 'exited') screen.say('command_ended', end)
  return exitCodeOf(end)
}

/** Bytes as they are, colours and all; a gap as a line of its own in the stream that it is in. */
export async function showPiece(piece: OutputPiece, screen: Screen): Promise<void> {
  const { stream, bytes, omitted } = piece
  if (omitted === undefined) return screen.pass(stream, bytes)
  if (screen.mode !== 'text') return screen.say('output_omitted', { stream, bytes: omitted })
  return screen.pass(stream, Buffer.from(`\n[drydock: ${omitted} bytes were left out here]\n`))
}

function exitCodeOf({ exitCode, cause }: CommandEnd): number {
  if (cause === 'lease_lost') return EXIT.leaseLost
  return exitCode ?? EXIT.failed
}
