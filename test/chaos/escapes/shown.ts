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
    return `${one.traces || 'nothing'}${one.slot === 'dirty' ? ', slot dirty' : ''}`
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

/** At `user` and `cgroup` nothing may come of an attempt; at `process` only what is declared. */
export const brokenEscapes = (escapes: readonly Escape[]): readonly string[] =>
  escapes.flatMap(({ attempt, level, traces }) => {
    const declared = level === 'process' ? (attempt.process ?? []).toSorted().join(', ') : ''
    return traces === declared
      ? []
      : [`at ${level}, ${attempt.name}: ${traces || 'nothing'}, not ${declared || 'nothing'}`]
  })
