import { declaredOutcomes, shownTraces } from '../../host/escapes/declared.ts'
import { SERVERS } from '../../support/fleet/host.ts'
import type { Escape, Level } from './levels.ts'

/** A line for each attempt: what it left or reached at each level. */
export function shownEscapes(escapes: readonly Escape[], levels: readonly Level[]): string {
  const names = [...new Set(escapes.map(({ attempt }) => attempt.name))]
  const width = Math.max(...names.map((name) => name.length))
  const line = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(width)}  ${cells.map((cell) => cell.padEnd(16)).join(' ')}`.trimEnd()
  const cellOf = (name: string, level: Level): string => {
    const one = escapes.find((escape) => escape.attempt.name === name && escape.level === level)
    if (!one) return 'not tried'
    const luck =
      level === 'process' && one.attempt.perhaps ? ` (perhaps ${shownTraces(one.attempt.perhaps)})` : ''
    return `${one.traces || 'nothing'}${luck}${one.slot === 'dirty' ? ', slot dirty' : ''}`
  }
  return [
    `\nEscapes through leases, hosts with ${SERVERS}: what was left or reached after release`,
    line('', levels),
    ...names.map((name) =>
      line(
        name,
        levels.map((level) => cellOf(name, level)),
      ),
    ),
  ].join('\n')
}

/** Only what is declared may come of an attempt. */
export const brokenEscapes = (escapes: readonly Escape[]): readonly string[] =>
  escapes.flatMap(({ attempt, level, traces }) => {
    const declared = declaredOutcomes(attempt, level)
    if (declared.includes(traces)) return []
    const expected = declared.map((outcome) => outcome || 'nothing').join(' or ')
    return [`at ${level}, ${attempt.name}: ${traces || 'nothing'}, not ${expected}`]
  })
