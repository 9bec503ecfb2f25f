/** Leases 1, 2 and 3 follow each other; 0 is what came before them. */
export const STALE = 0
export type Epoch = 0 | 1 | 2 | 3
export type Nonce = 'none' | 'first' | 'second' | 'foreign'
export type Verb = 'init' | 'open' | 'close' | 'run'

/** What the control plane may send. A message may arrive any number of times, at any time. */
export interface Message {
  readonly name: string
  readonly verb: Verb
  readonly epoch: Epoch
  readonly nonce: Nonce
  /** The nonce that an init names as the host's. */
  readonly seen: Nonce
  /** Messages of one place go on alike once they were accepted, whatever an init has seen. */
  readonly place: number
}

/** `first` is what the slot is initialised with; later it is `second`, and by then lease `renamed` was the last. */
export interface Plan {
  readonly renamed: Epoch
  readonly last: Epoch
}

const PLACES = 10

/** Every message that a life of the slot knows. */
export function messagesOf({ renamed, last }: Plan): readonly Message[] {
  const messages: Message[] = [init('first', STALE, 'none', 8)]
  for (const seen of ['none', 'first', 'foreign'] as const) messages.push(init('second', renamed, seen, 9))
  for (const epoch of [0, 1, 2, 3] as const) {
    if (epoch > last) break
    const nonce = epoch <= renamed ? 'first' : 'second'
    const to = { epoch, nonce, seen: 'none' } as const
    messages.push({ name: `open(${epoch})`, verb: 'open', place: epoch, ...to })
    messages.push({ name: `close(${epoch})`, verb: 'close', place: 4 + epoch, ...to })
    messages.push({ name: `run(${epoch})`, verb: 'run', place: -1, ...to })
  }
  return messages
}

const init = (nonce: Nonce, epoch: Epoch, seen: Nonce, place: number): Message => ({
  name: `init(${nonce}, ${epoch}, seen ${seen})`,
  verb: 'init',
  epoch,
  nonce,
  seen,
  place,
})

/** The first message of each place; what waits there goes on like it. */
export function placesOf(messages: readonly Message[]): readonly Message[] {
  const firsts = Array.from({ length: PLACES }, (_, at) => messages.find(({ place }) => place === at))
  return firsts
    .filter((message) => message !== undefined)
    .map((message) => ({ ...message, name: message.name.replace(/, seen .*\)/, ')') }))
}
