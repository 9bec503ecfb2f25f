import { heldBeginning, mask, needlesOf, NOTHING_HELD } from '../../domain/masking.ts'
import type { Held, Needle } from '../../domain/masking.ts'
import type { Streams } from '../../domain/output-limit.ts'
import type { Ports } from '../ports/ports.ts'
import type { Command } from './command.ts'
import { secretsPlace } from './command.ts'
import type { Output } from './store-output.ts'

/** Masks a command's secrets in its output. What it holds back is not stored, so a reader that dies loses nothing. */
export interface Reader {
  readonly secrets: Readonly<Record<string, string>>
  /** Goes where the command stands; what was held back there before is kept. */
  goTo(command: Command): void
  /** From where on the host is asked. */
  offsets(): Streams
  /** What may be stored of the host's answer. */
  take(answer: Output, last: boolean): Output
}

/** A slice's reader: the secrets are decrypted once. */
export async function createReader(
  { vault }: Pick<Ports, 'vault'>,
  { leaseId, number, secrets: sealed }: Command,
): Promise<Reader> {
  const secrets: Readonly<Record<string, string>> = sealed
    ? JSON.parse(await vault.open(sealed, secretsPlace(leaseId, number)))
    : {}
  const needles = needlesOf(Object.values(secrets))
  const streams = { stdout: createStream(needles), stderr: createStream(needles) }
  return {
    secrets,
    goTo: ({ stdoutBytes, stderrBytes, tail, omitted }) => {
      streams.stdout.goTo(stdoutBytes, isPositive(omitted?.stdout) && tail?.stdout === stdoutBytes)
      streams.stderr.goTo(stderrBytes, isPositive(omitted?.stderr) && tail?.stderr === stderrBytes)
    },
    offsets: () => ({ stdout: streams.stdout.offset(), stderr: streams.stderr.offset() }),
    take: ({ stdout, stderr }, last) => ({
      stdout: streams.stdout.take(stdout, last),
      stderr: streams.stderr.take(stderr, last),
    }),
  }
}

const isPositive = (bytes: number | undefined): boolean => (bytes ?? 0) > 0

function createStream(needles: readonly Needle[]) {
  let position = 0
  let amid = false
  let held: Held = NOTHING_HELD
  return {
    goTo: (at: number, midst: boolean) => {
      if (at !== position) held = NOTHING_HELD
      position = at
      amid = midst
    },
    offset: () => position + held.bytes.length,
    take: (bytes: Uint8Array, last: boolean): Uint8Array => {
      const fresh = amid && needles.length > 0 && held.bytes.length === 0
      const masked = fresh
        ? mask(needles, heldBeginning(needles, bytes), new Uint8Array(), last)
        : mask(needles, held, bytes, last)
      held = masked.held
      position += masked.ready.length
      return masked.ready
    },
  }
}
