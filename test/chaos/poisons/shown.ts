import type { Matrix } from './matrix.ts'

const COLUMNS = ['release', 'expiry', 'cancel', 'naive'] as const

/** A line for each poison: what was wrong with the next copy after each end, and after the naive cleaning. */
export function shownMatrix({ servers, seconds, outcomes, processesLeft }: Matrix, level: string): string {
  const width = Math.max(...[...outcomes.keys()].map((name) => name.length))
  const line = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(width)}  ${cells.map((cell) => cell.padEnd(8)).join(' ')}`
  const harmed = [...outcomes.values()].filter(({ naive }) => naive !== '').length
  return [
    `\nPoisons through leases, level ${level}, hosts with ${servers}, ${seconds} s`,
    line('', COLUMNS),
    ...[...outcomes].map(([name, found]) =>
      line(
        name,
        COLUMNS.map((column) => found[column] || 'exact'),
      ),
    ),
    `  reset --hard; clean -ffdx fails for ${harmed} of ${outcomes.size}; processes left: ${processesLeft}`,
  ].join('\n')
}

/** Endings of leases after which the next copy was not exact; and a control that cannot fail shows nothing. */
export const brokenIn = ({ outcomes, processesLeft }: Matrix): readonly string[] => [
  ...[...outcomes].flatMap(([name, found]) =>
    (['release', 'expiry', 'cancel'] as const)
      .filter((ending) => found[ending] !== '')
      .map((ending) => `poison ${name}, then ${ending}: ${found[ending]}`),
  ),
  ...([...outcomes.values()].some(({ naive }) => naive !== '') ? [] : ['the naive cleaning fails nowhere']),
  ...(processesLeft === 0 ? [] : [`${processesLeft} processes are left`]),
]
