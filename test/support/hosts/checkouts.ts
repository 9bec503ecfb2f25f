import type { CheckoutRequest, CheckoutState, HostAnswer, SlotRef } from '../../../lib/app/ports/hosts.ts'
import type { Receipt } from '../../../lib/domain/lease.ts'
import { type OpenHosts, valueOf } from './open-hosts.ts'
import type { SampleRepository } from './repositories.ts'

export const checkoutRequest = (repository: SampleRepository, commit: string): CheckoutRequest => ({
  repository: 'sample',
  url: repository.directory,
  commit,
  allowFile: true,
  fetchTimeoutSeconds: 30,
  waitSeconds: 20,
})

/** Asks until the checkout is no longer running. */
export async function checkout(
  { hosts, target }: OpenHosts,
  slot: SlotRef,
  request: CheckoutRequest,
): Promise<HostAnswer<CheckoutState>> {
  for (;;) {
    const answer = await hosts.checkout(target, slot, request)
    if (answer.kind !== 'done' || answer.value.state !== 'running') return answer
  }
}

export async function checkOut(
  host: OpenHosts,
  slot: SlotRef,
  repository: SampleRepository,
  commit: string,
): Promise<Receipt> {
  const state = valueOf(await checkout(host, slot, checkoutRequest(repository, commit)))
  if (state.state !== 'done') throw new Error('the checkout is still running')
  return state.receipt
}
