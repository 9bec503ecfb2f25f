import { runDropped } from '../support/hosts/dropped.ts'

/** About a minute of them, with ten milliseconds and what the shell takes between two. */
const LINES = 4_000

/** Connections that are cut every two seconds, and followers that die every seven, while a command prints. */
export async function dropped() {
  const began = performance.now()
  const seen = await runDropped({ lines: LINES, everyMilliseconds: 2_000, sliceMilliseconds: 7_000 })
  const seconds = Math.round((performance.now() - began) / 1_000)
  const numbered = (word: string) => Array.from({ length: LINES }, (_, line) => `${word} ${line}\n`).join('')
  const broken = [
    ...(seen.stdout === numbered('line') ? [] : ['every line of stdout is there once']),
    ...(seen.stderr === numbered('warning') ? [] : ['every line of stderr is there once']),
    ...(seen.exitCode === 0 ? [] : ['the exit code came through']),
  ]
  const printed = `${LINES} lines on each stream in ${seconds} s over ${seen.connections} connections: ${broken.length} faults`
  return { printed, broken }
}
