/** What may go wrong between the service and a node; no more than the service itself may do. */
export interface CommandFaults {
  /** Asked for each command, by its place in the order of sending, from 1. */
  onSend?(place: number, instanceId: string): SendFault | undefined
  /** Asked for each look at an invocation, from 1. */
  onLook?(place: number): LookFault | undefined
}

export interface SendFault {
  readonly throttled?: true
  /** Instead of the usual delay, milliseconds. */
  readonly deliverAfter?: number
  /** The agent begins with it although it is too late. */
  readonly evenLate?: true
  /** How often the node gets it; default once. */
  readonly times?: number
  /** The agent's answer never comes. */
  readonly resultLost?: true
  /** Characters of stdout that come back. */
  readonly outputCharacters?: number
}

export type LookFault = 'throttled' | 'broken'
