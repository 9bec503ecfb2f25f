import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Engine } from '../engine/engine.ts'
import { withoutExecutionData } from '../engine/history.ts'
import type { StoredExecution } from '../journal/reader.ts'
import { ServiceError } from './error.ts'
import { findMachine, type Operations } from './machines.ts'
import { jsonText, operation, page, pageOf, shortText } from './request.ts'

const start = z.object({
  stateMachineArn: z.string(),
  name: z
    .string()
    .regex(/^[^\s\p{Cc}<>{}[\]?*"#%\\^|~`$&,;:/]{1,80}$/u, 'is no valid name')
    .optional(),
  input: jsonText('InvalidExecutionInput').default('{}'),
})
const one = z.object({ executionArn: z.string() })
const stop = one.extend({ error: shortText(256), cause: shortText(32_768) })
const list = z.object({
  stateMachineArn: z.string(),
  statusFilter: z
    .enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'])
    .optional(),
  ...page,
})
const history = one.extend({
  reverseOrder: z.boolean().default(false),
  includeExecutionData: z.boolean().default(true),
  ...page,
})

export function executionOperations(engine: Engine): Operations {
  return {
    StartExecution: operation(start, async ({ stateMachineArn, name = randomUUID(), input }) => {
      const started = await engine.start(findMachine(engine, stateMachineArn), name, input)
      if (!started) {
        throw new ServiceError(
          'ExecutionAlreadyExists',
          `An execution named ${name} exists, with another input or closed.`,
        )
      }
      return { executionArn: started.arn, startDate: started.startedAt / 1000 }
    }),

    StopExecution: operation(stop, async ({ executionArn, error, cause }) => {
      await engine.stop(findExecution(engine, executionArn).arn, error, cause)
      return { stopDate: secondsOf(findExecution(engine, executionArn).stopped) }
    }),

    DescribeExecution: operation(one, async ({ executionArn }) =>
      describe(findExecution(engine, executionArn)),
    ),

    ListExecutions: operation(list, async ({ stateMachineArn, statusFilter, maxResults, nextToken }) => {
      findMachine(engine, stateMachineArn)
      const limit = maxResults === 0 ? 100 : maxResults
      const before = nextToken ?? Number.MAX_SAFE_INTEGER
      const found = engine.journal.list({
        machine: stateMachineArn,
        status: statusFilter,
        before,
        limit: limit + 1,
      })
      const executions = found.slice(0, limit)
      return {
        executions: executions.map(summarize),
        ...(found.length > limit && { nextToken: String(executions.at(-1)?.id) }),
      }
    }),

    GetExecutionHistory: operation(history, async (request) => {
      const { id } = findExecution(engine, request.executionArn)
      const all = [...engine.journal.history(id)]
      if (request.reverseOrder) all.reverse()
      const { items, nextToken } = pageOf(all, request, 1000)
      const events = request.includeExecutionData ? items : items.map(withoutExecutionData)
      return { events, ...(nextToken && { nextToken }) }
    }),
  }
}

function findExecution(engine: Engine, arn: string): StoredExecution {
  if (!/^arn:[^:]+:states:[^:]*:[^:]*:execution:[^:]+:[^:]+$/.test(arn)) {
    throw new ServiceError('InvalidArn', `Invalid Arn: '${arn}'`)
  }
  const execution = engine.journal.find(arn)
  if (!execution) throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`)
  return execution
}

function summarize(execution: StoredExecution): Record<string, unknown> {
  const { arn, machine, name, status, started, stopped } = execution
  return {
    executionArn: arn,
    stateMachineArn: machine,
    name,
    status,
    startDate: started / 1000,
    ...(stopped !== null && { stopDate: secondsOf(stopped) }),
    redriveCount: 0,
  }
}

function describe(execution: StoredExecution): Record<string, unknown> {
  const { input, output, error, cause } = execution
  return {
    ...summarize(execution),
    input,
    inputDetails: { included: true },
    ...(output !== null && { output, outputDetails: { included: true } }),
    ...(error !== null && { error }),
    ...(cause !== null && { cause }),
    redriveStatus: 'NOT_REDRIVABLE',
  }
}

function secondsOf(instant: number | null): number | undefined {
  return instant === null ? undefined : instant / 1000
}
