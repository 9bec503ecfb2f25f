import type { Story } from './story.ts'

/** A slot in the hands of one lease: from the transition that gave it until the one that ended that. Epoch milliseconds. */
export interface Holding {
  readonly lease: string
  /** `<host>/<number>`. */
  readonly slot: string
  readonly epoch: number
  readonly from: number
  /** Infinity where it has not ended. */
  readonly to: number
}

/** Every holding that the timelines tell of; a lease that was put back into its queue has several. */
export const holdingsOf = (stories: readonly Story[]): readonly Holding[] =>
  stories.flatMap(({ lease, events }) =>
    events.flatMap((event, index) => {
      if (event.type !== 'acquired') return []
      const end = events.slice(index + 1).find(({ type }) => type === 'requeued' || type === 'destroyed')
      const { host, slot, epoch } = event.detail ?? {}
      return {
        lease: lease.id,
        slot: `${String(host)}/${String(slot)}`,
        epoch: Number(epoch),
        from: event.at,
        to: end?.at ?? Number.POSITIVE_INFINITY,
      }
    }),
  )
