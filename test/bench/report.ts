import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { dirname } from 'node:path'
import process from 'node:process'
import type { Row } from './measure.ts'

/** What one run of one scenario gave, and under which circumstances. */
export interface Measured {
  readonly title: string
  readonly how: string
  readonly measuredAt: string
  readonly node: string
  /** Runnable processes, mean over a minute, before and after: what else went on in the machine. */
  readonly load: { readonly before: number; readonly after: number }
  readonly rows: readonly Row[]
  readonly grid?: Grid
}

/** Figures of many cases side by side, one line for each. */
export interface Grid {
  readonly head: readonly string[]
  readonly lines: readonly (readonly (string | number)[])[]
}

export type Results = Readonly<Record<string, Measured>>

/** Named, not described: figures of other machines are not to be compared with these. */
const MACHINE = '2-core Linux machine'

export const load = (): number => Math.round((loadavg()[0] ?? 0) * 100) / 100
export const nodeVersion = process.version

export function printed({ title, load: { before, after }, rows, grid }: Measured): string {
  const figures = columns([['', 'runs', 'p50', 'p95', 'unit', 'wanted'], ...rows.map(cellsOf)])
  const beside = grid ? `\n\n${columns([grid.head, ...grid.lines.map(textsOf)])}` : ''
  return `\n${title} (load ${before} -> ${after})\n${figures}${beside}`
}

function columns(cells: readonly (readonly string[])[]): string {
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  )
  const aligned = (text: string, column: number) =>
    /^[\d,.]+$/.test(text) ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0)
  return cells.map((line) => `  ${line.map(aligned).join('  ')}`.trimEnd()).join('\n')
}

const textsOf = (line: Grid['lines'][number]): readonly string[] =>
  line.map((cell) => (typeof cell === 'number' ? number(cell) : cell))

/** A counted figure has no distribution. */
const cellsOf = ({ what, runs, p50, p95, unit, wanted = '' }: Row): readonly string[] => [
  what,
  String(runs),
  number(p50),
  runs === 1 ? '' : number(p95),
  unit,
  wanted,
]

const gridLines = ({ head, lines }: Grid): readonly string[] => [
  `| ${head.join(' | ')} |`,
  `|${head.map((_, column) => (typeof lines[0]?.[column] === 'number' ? '---:' : '---')).join('|')}|`,
  ...lines.map((line) => `| ${textsOf(line).join(' | ')} |`),
]

const number = (value: number): string => value.toLocaleString('en')

export const readResults = (path: string): Results =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { scenarios: Results }).scenarios : {}

export function writeResults(path: string, scenarios: Results): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify({ machine: MACHINE, scenarios }, undefined, 2)}\n`)
}

const OPEN = '<!-- figures: written by npm run bench -- --write -->'
const CLOSE = '<!-- end of figures -->'

/** Puts the tables between their marks in the document; what people wrote around them stays. */
export function writeTables(path: string, results: Results): void {
  const document = readFileSync(path, 'utf8')
  const from = document.indexOf(OPEN)
  const to = document.indexOf(CLOSE)
  if (from < 0 || to < from) throw new Error(`${path} has no place for the figures`)
  const tables = Object.values(results).map(table).join('\n')
  writeFileSync(path, `${document.slice(0, from)}${OPEN}\n\n${tables}\n${document.slice(to)}`)
}

function table({ title, how, measuredAt, node, load: { before, after }, rows, grid }: Measured): string {
  const lines = rows.map((row) => `| ${cellsOf(row).join(' | ')} |`)
  const circumstances = `${MACHINE}, Node ${node}, ${measuredAt.slice(0, 10)}, load ${before} before and ${after} after`
  return [
    `### ${title}`,
    '',
    how,
    '',
    '| | runs | p50 | p95 | unit | wanted |',
    '|---|---:|---:|---:|---|---|',
    ...lines,
    '',
    ...(grid ? [...gridLines(grid), ''] : []),
    `${circumstances}.`,
    '',
  ].join('\n')
}
