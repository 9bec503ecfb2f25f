import type { Catalogue } from '../../lib/app/config/read-config.ts'
import type { Item } from '../../lib/app/ports/table.ts'
import { textIn } from './checks/entity.ts'
import type { Simulation } from './simulation.ts'

/** In the end there is what operators declared, and every slot is ready to be given away again: none is lost. */
export function* unlike({ hosts }: Catalogue, items: readonly Item[]): Generator<string> {
  const slots = items.filter((item) => item.PK.startsWith('H#') && item.SK.startsWith('S#'))
  for (const slot of slots) {
    if (slot['state'] === 'free') continue
    yield `slot ${slot.PK} ${slot.SK} is ${textIn(slot, 'state')} in the end, not free`
  }
  const wanted = Object.values(hosts).map(({ name, capacity }) => `${name} with ${capacity} slots`)
  const there = items
    .filter((item) => item.PK.startsWith('H#') && item.SK === 'META')
    .map(({ PK }) => `${PK.slice(2)} with ${slots.filter((slot) => slot.PK === PK).length} slots`)
  for (const host of wanted) if (!there.includes(host)) yield `host ${host} is not there in the end`
  for (const host of there)
    if (!wanted.includes(host)) yield `host ${host} is there in the end, and not declared`
}

/** What still goes on. */
export function unrest({ functions, service, items }: Simulation, clients: number): string {
  const leases = items()
    .filter((item) => item.PK.startsWith('L#') && item.SK === 'META' && item['status'] !== 'destroyed')
    .map((item) => `lease ${textIn(item, 'id')} is ${textIn(item, 'status')}`)
  const executions = service.running().map(({ name }) => `execution ${name} runs`)
  return [`${clients} clients, ${functions.running()} invocations`, ...leases, ...executions].join('; ')
}
