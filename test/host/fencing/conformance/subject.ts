import type { HostAnswer, Hosts, HostTarget, SlotRef } from '../../../../lib/app/ports/hosts.ts'
import type { Message } from '../model/messages.ts'

export const ACCIDENTS = ['reboot', 'lost', 'swapped', 'reimaged'] as const
export type Accident = (typeof ACCIDENTS)[number]

export interface Stored {
  readonly epoch: number
  readonly status: string
  readonly nonce: string
}

/** One slot of a host that keeps the fence in its own way. */
export interface Subject {
  /** The verdict's code; `none` when the host died before it had answered. */
  send(message: Message): Promise<string>
  /** Sends it and kills the verb after so many milliseconds, if it has not ended by then. */
  readonly cut?: (message: Message, milliseconds: number) => Promise<string>
  suffer(accident: Accident): void
  /** Bits: the epochs with living processes. */
  living(): number
  /** What the host has written down, where it is known how it does that. */
  stored?(): Stored
}

/** The run of an epoch is command number epoch + 1, so that it can be told apart without its epoch. */
export async function callHost(
  { hosts, target }: { readonly hosts: Hosts; readonly target: HostTarget },
  slot: number,
  message: Message,
): Promise<HostAnswer<unknown>> {
  const ref: SlotRef = { slot, nonce: message.nonce, epoch: message.epoch }
  switch (message.verb) {
    case 'init':
      return hosts.init(target, { ...ref, seen: message.seen === 'none' ? null : message.seen })
    case 'open':
      return hosts.open(target, ref)
    case 'close':
      return hosts.close(target, ref)
    case 'run':
      return hosts.run(target, ref, {
        number: message.epoch + 1,
        argv: ['sleep', '600'],
        environment: {},
        timeoutSeconds: 600,
        directory: '',
      })
  }
}

export const verdictOf = (answer: HostAnswer<unknown>): string =>
  answer.kind === 'done' || answer.kind === 'busy' ? answer.kind : answer.code
