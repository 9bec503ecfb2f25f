import type { BrokenSlot, DirtySlot, Host } from '../../domain/slot.ts'
import { matchPool, matchToken } from '../allocation/match.ts'
import { relieveDisk } from '../copies/relieve-disk.ts'
import { examineHost, isDecisive } from '../fleet/examine-host.ts'
import { quarantine } from '../fleet/quarantine.ts'
import type { HostAnswer } from '../ports/hosts.ts'
import type { Ports } from '../ports/ports.ts'
import { noteSeen, noteTrouble } from '../store/host-trouble.ts'
import { readHostAndSlot } from '../store/read.ts'
import { cleaned, renameSlot } from '../transactions/clean.ts'
import type { Tidied } from '../transactions/clean.ts'
import { tidyCopies, wipedCopies } from './tidy-copies.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'hosts' | 'journal'>
type Unclean = DirtySlot | BrokenSlot

const LONGEST_PAUSE = 60
/** Attempts that may fail, over a minute, before the host is quarantined; they go on all the same. */
const TRIES = 5

/**
 * Makes a dirty slot fit to be given away (T8), or says after how many seconds to try again. A slot that the host does
 * not know by the nonce of the table is started anew, under a new one.
 */
export async function cleanSlot(
  ports: Needs,
  host: string,
  number: number,
  tries: number,
): Promise<{ readonly route: 'DONE' } | { readonly route: 'AGAIN'; readonly seconds: number }> {
  const found = await readHostAndSlot(ports, host, number)
  if (!found.host || !found.slot || !isUnclean(found.slot)) {
    // Whoever cleaned it may have died before that look.
    if (found.slot?.state === 'free') await matchToken(ports, found.slot.pool, found.slot.token, 'cleaning')
    return { route: 'DONE' }
  }
  const slot = found.slot
  // Nobody is let onto a host before it was found to be fit for its pool.
  const examined = found.host.isolation === undefined ? await examineHost(ports, found.host) : undefined
  if (examined?.kind === 'silent') return later(ports, found.host, slot, examined.trouble, tries)
  const confirmed = await confirm(ports, found.host, slot)
  if (confirmed === 'moved') return { route: 'AGAIN', seconds: 1 }
  if (confirmed.kind !== 'done') {
    const code = confirmed.kind === 'busy' ? 'busy' : confirmed.code
    return later(ports, found.host, slot, { code, detail: confirmed.detail }, tries)
  }
  const outcome = await cleaned(ports, confirmed.slot, confirmed.copies)
  if (!outcome.committed) return { route: 'AGAIN', seconds: 1 }
  // First of all: what may fail comes after the look that the token asks for.
  if (slot.offered) await matchPool(ports, slot.pool, 'cleaning')
  await noteSeen(ports, found.host, ports.clock.now())
  if (confirmed.copies.disk) await relieveDisk(ports, host, confirmed.copies.disk)
  return { route: 'DONE' }
}

/** A host that cannot clean its slot would fail the next lease too: it is given up, and tried all the same. */
async function later(
  ports: Needs,
  host: Host,
  slot: Unclean,
  trouble: { readonly code: string; readonly detail: string },
  tries: number,
): Promise<{ readonly route: 'AGAIN'; readonly seconds: number }> {
  const { code, detail } = trouble
  ports.journal.warn('a slot could not be cleaned', { host: host.name, slot: slot.number, ...trouble })
  await noteTrouble(ports, host, trouble)
  const by = { now: ports.clock.now(), actor: 'cleaning' }
  if (isDecisive(code)) await quarantine(ports, host.name, `${code}: ${detail}`, by)
  else if (tries === TRIES) {
    const reason = `slot ${slot.number} could not be cleaned in ${TRIES + 1} tries: ${code} (${detail})`
    await quarantine(ports, host.name, reason, by)
  }
  return { route: 'AGAIN', seconds: Math.min(LONGEST_PAUSE, 2 ** Math.min(tries, 6)) }
}

const isUnclean = (slot: { readonly state: string }): slot is Unclean =>
  slot.state === 'dirty' || slot.state === 'broken'

type Trouble = Exclude<HostAnswer<object>, { kind: 'done' }>
type Confirmed = { readonly kind: 'done'; readonly slot: Unclean; readonly copies: Tidied }

/**
 * `close` where the host knows the slot and what it keeps may stay, else a new nonce in the table first, and then
 * `init` with it.
 */
async function confirm(ports: Needs, host: Host, slot: Unclean): Promise<Confirmed | Trouble | 'moved'> {
  let seen: string | null = slot.nonce
  const wipe = slot.state === 'dirty' && slot.wipe
  if (slot.nonce !== null && !wipe) {
    const closed = await ports.hosts.close(host, { slot: slot.number, nonce: slot.nonce, epoch: slot.epoch })
    if (closed.kind === 'done') {
      const tidied = await tidyCopies(ports, host, {
        slot: slot.number,
        nonce: slot.nonce,
        epoch: slot.epoch,
      })
      return tidied.kind === 'done' ? { kind: 'done', slot, copies: tidied.value } : tidied
    }
    if (closed.kind !== 'refused' || closed.code !== 'unknown') return closed
    seen = closed.seen ?? null
  }
  const started = await startAnew(ports, host, slot, seen)
  if (started === 'moved' || started.kind !== 'refused' || started.code !== 'unknown') return started
  const other = started.seen ?? null
  // Under another new name: that the table takes it proves that nobody cleaned and leased the slot meanwhile.
  return other === seen ? started : startAnew(ports, host, { ...slot, nonce: started.nonce }, other)
}

/** A new nonce in the table first, then `init` with it, for a host whose nonce is `seen`. */
async function startAnew(
  ports: Needs,
  host: Host,
  slot: Unclean,
  seen: string | null,
): Promise<Confirmed | (Trouble & { readonly nonce: string }) | 'moved'> {
  const nonce = ports.chance.opaque()
  if (!(await renameSlot(ports, slot, nonce)).committed) return 'moved'
  const started = await ports.hosts.init(host, { slot: slot.number, nonce, epoch: slot.epoch, seen })
  if (started.kind !== 'done') return { ...started, nonce }
  const { tainted: _, ...wiped } = slot
  return {
    kind: 'done',
    slot: { ...wiped, nonce },
    copies: await wipedCopies(ports, slot.host, slot.number),
  }
}
