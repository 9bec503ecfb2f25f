import type { FreeToken, Slot } from '../../../domain/slot.ts'
import type { Ports } from '../../ports/ports.ts'
import type { Item } from '../../ports/table.ts'
import { slotHasNot } from '../../store/conditions/slot.ts'
import { stillThere } from '../../store/conditions/any-item.ts'
import { slotKey, tokenItemKey, tokensOf } from '../../store/keys.ts'
import { slotOf, tokenOf } from '../../store/slot-item.ts'
import type { Guard } from '../guard.ts'
import { pagesOf, readAll, readRegistry } from '../../store/pages.ts'

type Needs = Pick<Ports, 'table' | 'chance'>

/** A token whose slot is not free under it would be taken for ever, and never got. */
export async function auditTokens(ports: Needs, guard: Guard): Promise<number> {
  const pools = await readRegistry(ports, 'pool')
  let dropped = 0
  const look = async (page: readonly Item[]) => {
    const tokens = page.map(tokenOf)
    const items = await readAll(
      ports,
      tokens.map((token) => slotKey(token.host, token.number)),
    )
    for (const [index, token] of tokens.entries()) {
      const item = items[index]
      const slot = item && slotOf(item)
      if (!names(slot, token) && (await drop(ports, token, slot))) dropped += 1
    }
  }
  for (const { SK: pool } of pools) {
    for await (const page of pagesOf(ports, tokensOf(pool))) {
      await guard.over({ pool }, undefined, async () => look(page))
    }
  }
  return dropped
}

const names = (slot: Slot | undefined, token: FreeToken): boolean =>
  slot?.state === 'free' && slot.token === token.key

async function drop(ports: Needs, token: FreeToken, slot: Slot | undefined): Promise<boolean> {
  const { committed } = await ports.table.transact(ports.chance.opaque(), [
    { kind: 'check', key: slotKey(token.host, token.number), when: slotHasNot(token.key, slot) },
    { kind: 'delete', key: tokenItemKey(token.pool, token.key), when: stillThere },
  ])
  return committed
}
