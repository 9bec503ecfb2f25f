import type { LeaseEvents } from '../../../lib/contract/lease.ts'

/** Milliseconds between the events of a lease's timeline; undefined where an event is missing. */
export interface Phases {
  readonly wait: number | undefined
  readonly activate: number | undefined
  readonly hold: number | undefined
  readonly clean: number | undefined
}

export function phasesOf({ events }: LeaseEvents): Phases {
  const at = (...types: readonly string[]) => {
    const event = events.findLast((one) => types.includes(one.type))
    return event && Date.parse(event.at)
  }
  const between = (from: number | undefined, to: number | undefined) =>
    from === undefined || to === undefined ? undefined : to - from
  const acquired = at('acquired')
  const activated = at('activated')
  const ended = at('released', 'expired', 'broken')
  return {
    wait: between(at('created'), acquired),
    activate: between(acquired, activated),
    hold: between(activated, ended),
    clean: between(ended, at('destroyed')),
  }
}
