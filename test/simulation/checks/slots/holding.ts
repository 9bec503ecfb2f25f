import type { Item } from '../../../../lib/app/ports/table.ts'
import { numberIn, textIn } from '../entity.ts'
import type { CreateRule } from '../rule.ts'

export const oneHolder: CreateRule = ({ shadow }) => ({
  says: 'P1 at most one living lease has a slot',
  *committed({ slots }) {
    for (const slot of slots) {
      const holders = shadow.holders(slot)
      if (holders.length > 1) yield `slot ${slot} is of ${holders.map(nameOf).join(' and ')}`
    }
  },
})

export const slotAndLeaseAgree: CreateRule = ({ shadow }) => ({
  says: 'P1 a slot and the lease that has it say the same',
  *committed({ slots }) {
    for (const name of slots) {
      const slot = shadow.slots.get(name)
      const [holder] = shadow.holders(name)
      const held = slot?.['state'] === 'held'
      if (!held && !holder) continue
      if (!slot || !held) {
        yield `lease ${nameOf(holder)} has slot ${name}, which is ${slot ? textIn(slot, 'state') : 'not there'}`
      } else if (!holder) yield `slot ${name} is held by lease ${textIn(slot, 'lease')}, which has no slot`
      else yield* disagreements(name, slot, holder)
    }
  },
})

function* disagreements(name: string, slot: Item, holder: Item): Generator<string> {
  if (slot['lease'] !== holder['id']) {
    yield `slot ${name} is held by lease ${textIn(slot, 'lease')}, and lease ${nameOf(holder)} has it`
  }
  if (slot['epoch'] !== holder['epoch']) {
    yield `slot ${name} is at epoch ${numberIn(slot, 'epoch')}, its lease at ${numberIn(holder, 'epoch')}`
  }
  const { pool } = holder['slot'] as { readonly pool?: string }
  const pools = holder['pools'] as readonly string[]
  if (slot['pool'] !== pool || !pools.includes(pool ?? '')) {
    yield `slot ${name} is in pool ${textIn(slot, 'pool')}, its lease asked for ${pools.join(' or ')}`
  }
}

const nameOf = (lease: Item | undefined): string => textIn(lease, 'id')
