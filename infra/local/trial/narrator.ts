/** Tells what happens, with the milliseconds since it began. */
export interface Narrator {
  say(line: string): void
  /** A promise that the demo shows; what is not kept is told at the end. */
  expect(sentence: string, holds: boolean): void
  /** Promises that were not kept. */
  readonly broken: readonly string[]
}

export function createNarrator(now: () => number, write: (line: string) => void): Narrator {
  const began = now()
  const broken: string[] = []
  const say = (line: string) => write(`${String(Math.round(now() - began)).padStart(7)} ms  ${line}`)
  return {
    say,
    broken,
    expect: (sentence, holds) => {
      say(`${holds ? 'ok  ' : 'NOT '} ${sentence}`)
      if (!holds) broken.push(sentence)
    },
  }
}
