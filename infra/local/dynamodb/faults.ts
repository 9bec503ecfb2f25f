/** One request on its way to DynamoDB. */
export type DynamoDbCall = {
  /** As in `TransactWriteItems`. */
  readonly operation: string
  /** The tables that it names, each once. */
  readonly tables: readonly string[]
  /** Counts the requests of this operation since the rule was made, from 1. */
  readonly nth: number
  readonly input: Readonly<Record<string, unknown>>
}

export type CancellationCode =
  | 'None'
  | 'TransactionConflict'
  | 'ThrottlingError'
  | 'ProvisionedThroughputExceeded'

/** What may happen to a request on the real service and on the way to it. */
export type Fault =
  | {
      readonly kind: 'throttle'
      readonly errorType?: 'ProvisionedThroughputExceededException' | 'ThrottlingException'
    }
  /** Nothing is written. Without reasons, the first item of a transaction meets another transaction. */
  | { readonly kind: 'conflict'; readonly reasons?: readonly CancellationCode[] }
  /** 500, nothing is written. */
  | { readonly kind: 'internalError' }
  /** The connection breaks, before the request reached the service or after it was carried out. */
  | { readonly kind: 'drop'; readonly committed: boolean }
  /** No answer ever comes. */
  | { readonly kind: 'hang'; readonly committed: boolean }
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** A batch operation does nothing and says so. */
  | { readonly kind: 'unprocessed' }

/** Says what happens to a request; undefined lets it pass to the next rule. */
export type Rule = (call: DynamoDbCall) => Fault | undefined

/** Requests per operation; capacity units as far as the requests asked for them to be returned. */
export type Count = {
  readonly requests: number
  /** Counted once the fault has done all it does. */
  readonly faults: number
  readonly readUnits: number
  readonly writeUnits: number
}

export type Faults = {
  /** Adds a rule; the first rule that names a fault decides. The answer takes the rule out again. */
  readonly inject: (rule: Rule) => () => void
  readonly counts: () => Readonly<Record<string, Count>>
  readonly resetCounts: () => void
  /** Whether every request is made to return its capacity units, so that `counts` has them all. */
  readonly measureCapacity: boolean
  /** For the front: which fault the request meets, if any. */
  readonly meet: (operation: string, input: DynamoDbCall['input']) => Fault | undefined
  /** For the front: adds what a request took. */
  readonly count: (operation: string, change: Partial<Count>) => void
}

/** The rules by which the front in front of DynamoDB breaks requests, and what it has counted. */
export function createFaults(options: { readonly measureCapacity?: boolean } = {}): Faults {
  const rules = new Set<{ readonly rule: Rule; readonly seen: Map<string, number> }>()
  const counts = new Map<string, Count>()
  return {
    measureCapacity: options.measureCapacity ?? false,
    inject(rule) {
      const entry = { rule, seen: new Map<string, number>() }
      rules.add(entry)
      return () => void rules.delete(entry)
    },
    counts: () => Object.fromEntries(counts),
    resetCounts: () => counts.clear(),
    meet(operation, input) {
      const tables = tablesOf(input)
      let fault: Fault | undefined
      for (const { rule, seen } of rules) {
        const nth = (seen.get(operation) ?? 0) + 1
        seen.set(operation, nth)
        fault ??= rule({ operation, tables, nth, input })
      }
      return fault
    },
    count(operation, { requests = 0, faults = 0, readUnits = 0, writeUnits = 0 }) {
      const before = counts.get(operation) ?? { requests: 0, faults: 0, readUnits: 0, writeUnits: 0 }
      counts.set(operation, {
        requests: before.requests + requests,
        faults: before.faults + faults,
        readUnits: before.readUnits + readUnits,
        writeUnits: before.writeUnits + writeUnits,
      })
    },
  }
}

function tablesOf(input: DynamoDbCall['input']): string[] {
  const { TableName, TransactItems, RequestItems } = input as {
    TableName?: string
    TransactItems?: readonly Readonly<Record<string, { TableName?: string }>>[]
    RequestItems?: object
  }
  const named = (TransactItems ?? []).flatMap((item) => Object.values(item).map((action) => action.TableName))
  const all = [TableName, ...named, ...Object.keys(RequestItems ?? {})]
  return [...new Set(all.filter((name) => name !== undefined))]
}
