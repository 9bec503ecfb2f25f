import type { Lost, Outcome, Write } from '../../app/ports/table.ts'

/**
 * Turns the conditions that failed into a decision.
 *
 * An item that failed us and carries our own opId means that we have committed before and the answer was lost. That
 * is sound because an opId is drawn at random for one list of writes, is stored by nothing but those writes, and
 * these commit all or none: one mark found proves them all. It proves nothing the other way round: a later writer
 * puts its own mark over ours, and then the answer is `lost` and the caller reads what has become of the item.
 */
export function decide(opId: string | undefined, lost: readonly Lost[]): Outcome {
  const before = opId !== undefined && lost.some(({ item }) => item?.['opId'] === opId)
  return before || lost.length === 0 ? { committed: true } : { committed: false, lost }
}

/** The mark that a single write leaves on its item, if it leaves one. */
export function markOf(write: Write): string | undefined {
  const mark =
    write.kind === 'put' ? write.item['opId'] : write.kind === 'update' ? write.set['opId'] : undefined
  return typeof mark === 'string' ? mark : undefined
}
