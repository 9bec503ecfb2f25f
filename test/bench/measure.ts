/** One line of a result: a distribution, or one counted figure. */
export interface Row {
  readonly what: string
  readonly unit: string
  readonly runs: number
  readonly p50: number
  readonly p95: number
  /** What was promised, for people. */
  readonly wanted?: string
}

/** The value below or at which that share of the values lies (nearest rank). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** A row of measured values, milliseconds unless said otherwise. */
export const row = (what: string, values: readonly number[], wanted?: string, unit = 'ms'): Row => ({
  what,
  unit,
  runs: values.length,
  p50: rounded(quantile(values, 0.5)),
  p95: rounded(quantile(values, 0.95)),
  ...(wanted === undefined ? {} : { wanted }),
})

/** A row of one counted figure; `digits` after the point where one is too few. */
export const figure = (what: string, value: number, unit: string, wanted?: string, digits?: number): Row => ({
  what,
  unit,
  runs: 1,
  p50: digits === undefined ? rounded(value) : Number(value.toFixed(digits)),
  p95: digits === undefined ? rounded(value) : Number(value.toFixed(digits)),
  ...(wanted === undefined ? {} : { wanted }),
})

const rounded = (value: number): number =>
  Math.abs(value) < 100 ? Math.round(value * 10) / 10 : Math.round(value)
