import { TableBusy } from '../../../lib/adapters/dynamodb/retry.ts'
import type { Key, Outcome, Query, Table, Write } from '../../../lib/app/ports/table.ts'
import type { FaultKind } from '../faults/profiles.ts'
import type { Outside, Plan, Process } from './process.ts'
import { reach } from './process.ts'

/** Told of each call at the instant at which it takes effect, so that a commit or a read has an author. */
export interface Watched {
  /** The next effect is this process's. */
  acting(process: string, name: 'write' | 'transact'): void
  read(process: string, what: { readonly query: Query } | { readonly key: Key }): void
}

const READ_FAULTS = ['table throttled', 'table slow', 'table answered late'] as const satisfies FaultKind[]
const WRITE_FAULTS = [
  ...READ_FAULTS,
  'table failed before commit',
  'answer lost after commit',
  'committed, lost, sent again',
] as const satisfies FaultKind[]

const WITHOUT_EFFECT: ReadonlySet<FaultKind> = new Set([
  'table throttled',
  'transaction in conflict',
  'table failed before commit',
])

/** The table as one process reaches it. */
export function faultyTable(outside: Outside, watched: Watched, process: Process, table: Table): Table {
  const { kernel, faults, random } = outside

  function read<T>(what: string, effect: () => Promise<T>, seen: () => void): Promise<T> {
    const fault = faults.draw(READ_FAULTS)
    return reach(outside, process, {
      what,
      fault,
      ...delays(fault),
      effect: async () => {
        if (fault === 'table throttled') throw busy(what, false)
        seen()
        return kernel.outside(effect())
      },
    })
  }

  function decide(
    name: 'write' | 'transact',
    what: string,
    kinds: readonly FaultKind[],
    effect: () => Promise<Outcome>,
  ): Promise<Outcome> {
    const fault = faults.draw(kinds)
    const attempt = () => {
      watched.acting(process.id, name)
      return kernel.outside(effect())
    }
    return reach(outside, process, {
      what: `${name} ${what}`,
      fault,
      ...delays(fault),
      effect: async () => {
        if (fault !== undefined && WITHOUT_EFFECT.has(fault)) throw busy(what, false)
        const outcome = await attempt()
        if (fault === 'answer lost after commit') throw busy(what, true)
        if (fault !== 'committed, lost, sent again') return outcome
        // The SDK waits for its own timeout before it sends the same request again.
        await kernel.sleep(random.between(10, 3_000))
        return attempt()
      },
    })
  }

  function delays(fault: FaultKind | undefined): Pick<Plan<never>, 'late' | 'answer'> {
    if (fault === 'table slow') return { late: random.between(100, 40_000) }
    if (fault === 'table answered late') return { answer: random.between(100, 40_000) }
    return {}
  }

  return {
    get: (key) =>
      read(
        `get ${key.PK} ${key.SK}`,
        () => table.get(key),
        () => watched.read(process.id, { key }),
      ),
    getAll: (keys) =>
      read(
        `get ${keys.map(({ PK, SK }) => `${PK} ${SK}`).join(', ')}`,
        () => table.getAll(keys),
        () => {
          for (const key of keys) watched.read(process.id, { key })
        },
      ),
    query: (query) =>
      read(
        `query ${query.PK} ${query.from ?? ''}..${query.to ?? ''}`,
        () => table.query(query),
        () => watched.read(process.id, { query }),
      ),
    write: (write) => decide('write', told(write), WRITE_FAULTS, () => table.write(write)),
    transact: (opId, writes) =>
      decide('transact', writes.map(told).join('; '), [...WRITE_FAULTS, 'transaction in conflict'], () =>
        table.transact(opId, writes),
      ),
  }
}

const busy = (what: string, inDoubt: boolean) => new TableBusy(what, 12, inDoubt, new Injected())

/** Marks what the simulation itself threw. */
export class Injected extends Error {
  override readonly name = 'Injected'
}

function told(write: Write): string {
  const { PK, SK } = write.kind === 'put' ? write.item : write.key
  const set =
    write.kind === 'update'
      ? Object.entries(write.set)
          .filter(([, value]) => typeof value !== 'object')
          .map(([name, value]) => ` ${name}=${JSON.stringify(value)}`)
          .join('')
      : ''
  return `${write.kind} ${PK} ${SK}${set}`
}
