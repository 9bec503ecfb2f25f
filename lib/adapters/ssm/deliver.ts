import { GetCommandInvocationCommand, SendCommandCommand } from '@aws-sdk/client-ssm'
import type { SSMClient } from '@aws-sdk/client-ssm'
import type { HostAnswer } from '../../app/ports/hosts.ts'
import { HOST_DOCUMENT } from '../../contract/host-document.ts'
import { type Output, readInvocation, unreachable } from './result.ts'
import { isPassing, sendTrouble } from './trouble.ts'

export interface Means {
  readonly client: Pick<SSMClient, 'send'>
  /** Name of the document that hosts run. */
  readonly document: string
  readonly clock: { now(): number; sleep(milliseconds: number): Promise<void> }
  /** From 0 to 1. */
  readonly fraction: () => number
  /** Until the first look for a result; grows by half with each look. */
  readonly firstLookMilliseconds: number
}

/** The service allows only so many looks per second in an account, and a result that is late may be later still. */
const LONGEST_PAUSE = 2_000

/**
 * Hands a payload to a node and waits for what it printed, until `deadline` by our clock. A node that gets it later
 * does not act on it: the payload says until when it may.
 */
export async function deliver(
  means: Means,
  { instance, payload, deadline }: { instance: string; payload: string; deadline: number },
): Promise<HostAnswer<Output>> {
  const sent = await send(means, instance, payload)
  if (sent.kind !== 'done') return sent
  for (let pause = means.firstLookMilliseconds; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE)) {
    const left = deadline - means.clock.now()
    if (left <= 0) return unreachable('no result in time')
    await means.clock.sleep(Math.min(left, pause * (0.75 + means.fraction() / 2)))
    const answer = await look(means, instance, sent.value)
    if (answer) return answer
  }
}

async function send(
  { client, document }: Means,
  instance: string,
  payload: string,
): Promise<HostAnswer<string>> {
  try {
    const { Command: command } = await client.send(
      new SendCommandCommand({
        DocumentName: document,
        InstanceIds: [instance],
        Parameters: { payload: [payload] },
        TimeoutSeconds: HOST_DOCUMENT.deliverySeconds,
      }),
    )
    return { kind: 'done', value: command?.CommandId ?? '' }
  } catch (error) {
    return sendTrouble(error)
  }
}

/** Nothing while there is no result; nor where the service has not heard of the command yet, or does not serve us now. */
async function look(
  { client }: Means,
  instance: string,
  command: string,
): Promise<HostAnswer<Output> | undefined> {
  try {
    return readInvocation(
      await client.send(new GetCommandInvocationCommand({ CommandId: command, InstanceId: instance })),
    )
  } catch (error) {
    if (error instanceof Error && (error.name === 'InvocationDoesNotExist' || isPassing(error)))
      return undefined
    throw error
  }
}
