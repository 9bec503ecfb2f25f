import type { Ports } from '../ports/ports.ts'
import type { Item, Key } from '../ports/table.ts'
import { registryOf } from './keys.ts'

const PAGE = 1_000

/** Every item of a partition, a page at a time. */
export async function* pagesOf({ table }: Pick<Ports, 'table'>, PK: string): AsyncGenerator<readonly Item[]> {
  for (let from: string | undefined; ;) {
    const items = await table.query({ PK, ...(from === undefined ? {} : { from }), limit: PAGE })
    const start = from
    yield items.filter((item) => item.SK !== start)
    const last = items.at(-1)
    if (!last || items.length < PAGE) return
    from = last.SK
  }
}

/** Everything that is registered of this kind; the sort key is its name. */
export async function readRegistry(
  ports: Pick<Ports, 'table'>,
  kind: Parameters<typeof registryOf>[0],
): Promise<readonly Item[]> {
  const registered: Item[] = []
  for await (const page of pagesOf(ports, registryOf(kind))) registered.push(...page)
  return registered
}

/** Items by key, in the order of the keys, a hundred at a time. */
export async function readAll(
  { table }: Pick<Ports, 'table'>,
  keys: readonly Key[],
): Promise<readonly (Item | undefined)[]> {
  const found: (Item | undefined)[] = []
  for (let start = 0; start < keys.length; start += 100) {
    found.push(...(await table.getAll(keys.slice(start, start + 100))))
  }
  return found
}
