import { SendTaskSuccessCommand } from '@aws-sdk/client-sfn'
import type { Clock } from '../../../infra/local/stepfunctions/clock.ts'
import { machineArn } from '../../local/stepfunctions/support/machine.ts'
import { answer, refusal, service } from '../../local/stepfunctions/support/service.ts'

/** What a function answers, or the name of the error that it throws. */
type Answer = object | string
/** What becomes of a state that waits: it is awakened, its record has another status by then, its token cannot be written, or nothing happens. */
type Fate = 'awakened' | 'changed' | 'refused' | 'silence'

export interface Script {
  readonly [name: string]: readonly Answer[]
}

export interface Played {
  readonly status: string | undefined
  /** In order: what was called, and what it was told. */
  readonly calls: readonly (readonly [name: string, told: unknown])[]
  /** Parameters of the updates by which states waited. */
  readonly updates: readonly Record<string, unknown>[]
  /** Parameters of what was put on the bus; the script's `publish` may fail it. */
  readonly published: readonly Record<string, unknown>[]
  /** Milliseconds that it took by the machine's own clock. */
  readonly took: number
}

/**
 * Runs a definition in the local engine from its start to its end. Functions, by the last part of their names, answer
 * in the order of the script; waits up to `longest`, 30 s unless told, are over at once, longer ones never.
 */
export async function play(
  definition: string,
  input: object,
  script: Script,
  fates: readonly Fate[] = [],
  longest = 30_000,
): Promise<Played> {
  const calls: [string, unknown][] = []
  const updates: Record<string, unknown>[] = []
  const published: Record<string, unknown>[] = []
  const answers = new Map(Object.entries(script).map(([name, of]) => [name, [...of]]))
  const ahead = [...fates]
  const clock = hastyClock(longest)
  const began = clock.now()

  await using local = await service(
    { arn: machineArn, name: 'machine', definition, type: 'STANDARD' },
    {
      clock,
      random: () => 0.5,
      invokeLambda: async (arn, payload) => {
        const name = arn.slice(arn.lastIndexOf('-') + 1)
        calls.push([name, JSON.parse(payload)])
        const next = answers.get(name)?.shift() ?? 'NotInTheScript'
        return typeof next === 'string' ? refusal(next) : answer(JSON.stringify(next))
      },
      sdkIntegrations: {
        'eventbridge:putEvents': async (parameters) => {
          const fault = answers.get('publish')?.shift()
          if (typeof fault === 'string') throw Object.assign(new Error(fault), { name: fault })
          published.push(parameters)
          return { FailedEntryCount: 0 }
        },
        'dynamodb:updateItem': async (parameters) => {
          updates.push(parameters)
          const {
            ':status': status,
            ':told': told,
            ':token': token,
          } = parameters['ExpressionAttributeValues'] as Values
          calls.push(['wait', status?.S ?? told?.N])
          const fate = ahead.shift()
          if (fate === 'changed')
            throw Object.assign(new Error('changed'), { name: 'ConditionalCheckFailedException' })
          if (fate === 'refused') throw Object.assign(new Error('refused'), { name: 'AccessDeniedException' })
          if (fate === 'awakened') await awaken(token.S)
          return {}
        },
      },
    },
  )
  const { status } = await local.ended(await local.start(input))
  return { status, calls, updates, published, took: clock.now() - began }

  function awaken(taskToken: string): Promise<unknown> {
    return local.client.send(new SendTaskSuccessCommand({ taskToken, output: '{}' }))
  }
}

interface Values {
  readonly ':status'?: { readonly S: string }
  readonly ':told'?: { readonly N: string }
  readonly ':token': { readonly S: string }
}

function hastyClock(longest: number): Clock {
  let now = Date.UTC(2026, 0, 1)
  return {
    now: () => now,
    after: (milliseconds, fire) => {
      if (milliseconds > longest) return () => undefined
      const due = now + milliseconds
      const timer = setImmediate(() => {
        now = Math.max(now, due)
        fire()
      })
      return () => clearImmediate(timer)
    },
  }
}
