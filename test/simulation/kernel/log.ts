import { createHash } from 'node:crypto'

/** What happened, line by line: the same seed writes the same bytes. */
export interface Log {
  readonly add: (process: string, what: string) => void
  /** Lines so far; empty unless they are kept. */
  readonly lines: () => readonly string[]
  readonly digest: () => string
}

/** Lines are kept, or only digested, or (the default) not even made. */
export function createLog(keep: 'lines' | 'digest' | 'nothing', elapsed: () => number): Log {
  const lines: string[] = []
  const hash = createHash('sha256')
  return {
    add: (process, what) => {
      if (keep === 'nothing') return
      const line = `${(elapsed() / 1_000).toFixed(3).padStart(9)}  ${process.padEnd(14)}  ${what}`
      hash.update(`${line}\n`)
      if (keep === 'lines') lines.push(line)
    },
    lines: () => lines,
    digest: () => hash.copy().digest('hex'),
  }
}
