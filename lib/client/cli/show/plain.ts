/** Text of others must not steer the terminal: control characters (escape sequences, too) become a visible mark. */
export const plain = (text: string): string => text.replaceAll(/(?![\n\t])\p{Cc}/gu, '\ufffd')

/** On one line, also where a line's beginning means something (GitHub's `::` commands). */
export const oneLine = (text: string): string => plain(text.replaceAll(/\s*\n\s*/g, ' '))

/** Columns as wide as their widest cell. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): string {
  const cells = [head, ...rows.map((row) => row.map((cell) => oneLine(String(cell ?? '-'))))]
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** `name: value` lines, without what is not there. */
export function fields(given: Readonly<Record<string, string | number | undefined>>): string {
  const present = Object.entries(given).filter(([, value]) => value !== undefined)
  const width = Math.max(...present.map(([key]) => key.length)) + 1
  return present.map(([key, value]) => `${`${key}:`.padEnd(width)} ${oneLine(String(value))}`).join('\n')
}
