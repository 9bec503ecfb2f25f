/** One command on one node. Instants are epoch milliseconds. */
export interface Invocation {
  readonly commandId: string
  readonly instanceId: string
  readonly documentName: string
  readonly stepName: string
  readonly sentAt: number
  /** From then on the service knows of it: it is consistent only after a while. */
  readonly visibleAt: number
  /** Afterwards it is not handed to the node. */
  readonly deliverBy: number
  readonly deliveredAt?: number
  readonly cancelledAt?: number
  readonly end?: End
}

export interface End {
  readonly at: number
  /** When the service learns of it; never, where the agent's answer is lost. */
  readonly knownAt: number
  readonly how: 'exited' | 'timed-out' | 'cancelled'
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface Seen {
  readonly status: 'Pending' | 'InProgress' | 'Success' | 'Failed' | 'TimedOut' | 'Cancelling' | 'Cancelled'
  readonly details: string
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** What the service keeps of stdout, of stderr, and of both in a list of invocations. */
export const limits = { stdout: 24_000, stderr: 8_000, listed: 2_500 } as const
const mark = '--output truncated--'

/** An agent keeps the first characters, and says at their end that there was more. */
export const cut = (text: string, most: number): string =>
  text.length < most ? text : text.slice(0, most - mark.length) + mark

/** What the service tells of an invocation: nothing of its output before its end. */
export function see(invocation: Invocation, now: number): Seen | undefined {
  const { visibleAt, deliverBy, deliveredAt, cancelledAt, end } = invocation
  if (now < visibleAt) return undefined
  if (deliveredAt === undefined || deliveredAt >= deliverBy) {
    if (cancelledAt !== undefined) return silent('Cancelled')
    return now < deliverBy ? silent('Pending') : silent('TimedOut', 'DeliveryTimedOut')
  }
  if (!end || now < end.knownAt) return silent(cancelledAt === undefined ? 'InProgress' : 'Cancelling')
  const { exitCode } = end
  const output = { exitCode, stdout: cut(end.stdout, limits.stdout), stderr: cut(end.stderr, limits.stderr) }
  if (end.how === 'timed-out') return { ...output, status: 'TimedOut', details: 'ExecutionTimedOut' }
  if (end.how === 'cancelled') return { ...output, status: 'Cancelled', details: 'Cancelled' }
  const status = exitCode === 0 ? 'Success' : 'Failed'
  return { ...output, status, details: status }
}

/** Whether an agent that gets it now begins with it. */
export const mayBegin = ({ deliverBy, cancelledAt, end }: Invocation, now: number): boolean =>
  now < deliverBy && cancelledAt === undefined && end === undefined

const silent = (status: Seen['status'], details: string = status): Seen => ({
  status,
  details,
  exitCode: -1,
  stdout: '',
  stderr: '',
})
