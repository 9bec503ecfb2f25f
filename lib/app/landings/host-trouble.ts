import type { MergingLanding, PushingLanding } from '../../domain/landing/landing.ts'
import { LANDING } from '../../domain/landing/limits.ts'
import type { HostAnswer } from '../ports/hosts.ts'
import type { Ports } from '../ports/ports.ts'
import { failWith, loseLease } from './settle-landing.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/** After the host was asked: what came of it is in the table, or it is asked again after so many seconds. */
export type AtHost = { readonly route: 'DECIDE' } | { readonly route: 'YIELD'; readonly seconds: number }

export const DECIDE: AtHost = { route: 'DECIDE' }

/** A host that did not do it: it is asked again for a while, or the lease is another's, or the landing ends. */
export async function hostTrouble(
  ports: Needs,
  landing: MergingLanding | PushingLanding,
  answer: Exclude<HostAnswer<unknown>, { kind: 'done' }>,
): Promise<AtHost> {
  const waited = ports.clock.now() - landing.since
  const soon: AtHost = { route: 'YIELD', seconds: Math.max(1, Math.min(30, Math.ceil(waited / 4_000))) }
  if (answer.kind === 'busy' || (answer.kind === 'refused' && answer.code === 'opening')) {
    // A merge's time is that of its turn; nothing else would end a push.
    if (landing.status === 'merging' || waited < LANDING.patience) return soon
    await loseLease(ports, landing, `its host has no time for the push: ${answer.detail}`)
    return DECIDE
  }
  if (answer.kind === 'refused') {
    await loseLease(ports, landing, `the host refused it: ${answer.code}`)
    return DECIDE
  }
  if (answer.fault === 'host') {
    if (answer.code === 'unreachable' && waited < LANDING.unreachable) return soon
    await loseLease(ports, landing, `${answer.code}: ${answer.detail}`, 'host_suspect')
    return DECIDE
  }
  if (answer.fault === 'remote' && waited < LANDING.patience) return soon
  await failWith(ports, landing, answer.code, answer.detail)
  return DECIDE
}
