/**
 * Published prices on demand, beyond the free tiers, in dollars. One table: whoever pays others changes it here.
 * Rules on a schedule, events of AWS services and Parameter Store's standard parameters are free.
 */
export const PRICES = {
  region: 'us-east-1',
  lookedUp: '2026-11-22',
  of: {
    writeUnits: {
      what: 'DynamoDB write units',
      dollars: 0.625,
      per: 1_000_000,
      source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
    },
    readUnits: {
      what: 'DynamoDB read units',
      dollars: 0.125,
      per: 1_000_000,
      source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
    },
    transitions: {
      what: 'Step Functions transitions',
      dollars: 0.025,
      per: 1_000,
      source: 'https://aws.amazon.com/step-functions/pricing/',
    },
    lambdaCalls: {
      what: 'Lambda calls',
      dollars: 0.2,
      per: 1_000_000,
      source: 'https://aws.amazon.com/lambda/pricing/',
    },
    gigabyteSeconds: {
      what: 'Lambda GB-seconds (Arm)',
      dollars: 0.0000133334,
      per: 1,
      source: 'https://aws.amazon.com/lambda/pricing/',
    },
    httpRequests: {
      what: 'HTTP API requests',
      dollars: 1,
      per: 1_000_000,
      source: 'https://aws.amazon.com/api-gateway/pricing/',
    },
  },
} as const

export type Quantity = keyof typeof PRICES.of
export const QUANTITIES = Object.keys(PRICES.of) as readonly Quantity[]

/** What is paid for, of one lease. */
export type Work = Readonly<Record<Quantity, number>>

/** Dollars for so many leases of that kind. */
export const priceOf = (work: Work, leases = 1_000): number =>
  QUANTITIES.reduce((sum, quantity) => sum + leases * dollarsOf(quantity, work[quantity]), 0)

export const dollarsOf = (quantity: Quantity, amount: number): number =>
  (amount * PRICES.of[quantity].dollars) / PRICES.of[quantity].per

export const plus = (one: Work, other: Work): Work => combine(one, other, (a, b) => a + b)
export const minus = (one: Work, other: Work): Work => combine(one, other, (a, b) => a - b)
export const times = (work: Work, factor: number): Work => combine(work, work, (a) => a * factor)

function combine(one: Work, other: Work, how: (a: number, b: number) => number): Work {
  const entries = QUANTITIES.map((quantity) => [quantity, how(one[quantity], other[quantity])])
  return Object.fromEntries(entries) as Record<Quantity, number>
}

/** One look of a machine that polls: Wait, Task, Choice; a short call; the lease and the head of its queue are read. */
export const LOOK: Work = {
  writeUnits: 0,
  readUnits: 2,
  transitions: 3,
  lambdaCalls: 1,
  gigabyteSeconds: 0.075,
  httpRequests: 0,
}

/** The same life where a machine looks every so often whether it goes on, instead of being awakened. */
export const polled = (life: Work, seconds: number, every = 15): Work =>
  plus(life, times(LOOK, Math.ceil(seconds / every)))

/** As it stands in docs/performance.md. */
export const FORMULA = [
  'price of 1,000 leases = 1,000 x (',
  ...QUANTITIES.map((quantity, index) => {
    const { what, dollars, per } = PRICES.of[quantity]
    const price = per === 1 ? `$${dollars}` : `$${dollars} / ${per.toLocaleString('en')}`
    return `    ${index === 0 ? ' ' : '+'} ${what} x ${price}`
  }),
  ')',
].join('\n')

/** The prices as a table, likewise. */
export const PRICE_TABLE = [
  '| what | $ | for | published at |',
  '|---|---:|---:|---|',
  ...QUANTITIES.map((quantity) => {
    const { what, dollars, per, source } = PRICES.of[quantity]
    return `| ${what} | ${dollars} | ${per.toLocaleString('en')} | <${source}> |`
  }),
].join('\n')
