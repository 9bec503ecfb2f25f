import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SlotRef } from '../../../lib/app/ports/hosts.ts'
import type { FleetHost } from './host.ts'

/** What a host has written down about one of its slots: where it stands, and by which nonce it is known. */
export function slotState(
  { directory }: Pick<FleetHost, 'directory'>,
  slot: number,
): { readonly slot: SlotRef; readonly status: string } {
  const state = readFileSync(join(directory, 'slots', String(slot), 'state'), 'utf8')
  const [epoch = '', status = '', nonce = ''] = state.split(' ')
  return { slot: { slot, nonce, epoch: Number(epoch) }, status }
}
