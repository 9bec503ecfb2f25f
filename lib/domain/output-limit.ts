/** Of each stream one number: bytes, or an offset. */
export interface Streams {
  readonly stdout: number
  readonly stderr: number
}

/** Bytes of a command's output that are kept unless its blueprint says less: half of its beginning, half of its end. */
export const MOST_OUTPUT = 64 * 1024 * 1024

export const headOf = (limit: number): number => Math.floor(limit / 2)

export const total = ({ stdout, stderr }: Streams): number => stdout + stderr

/**
 * Where to go on once the command has ended and its beginning is kept up to `kept`: what is left between is left out
 * where it is more than the limit has room for. Neither stream takes the other's half unless it is free.
 */
export function tailOf(limit: number, kept: Streams, sizes: Streams): Streams {
  const room = limit - headOf(limit)
  const left = { stdout: sizes.stdout - kept.stdout, stderr: sizes.stderr - kept.stderr }
  const stderr = Math.min(left.stderr, Math.max(room - left.stdout, Math.floor(room / 2)))
  const stdout = Math.min(left.stdout, room - stderr)
  return { stdout: sizes.stdout - stdout, stderr: sizes.stderr - stderr }
}
