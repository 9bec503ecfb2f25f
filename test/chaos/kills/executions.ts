import {
  ListStateMachinesCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  SFNClient,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn'
import type { HistoryEvent } from '@aws-sdk/client-sfn'

/** What executions tell of the kills: how they call an invocation whose process died under it. */
const DIED = 'Runtime.ExitError'

export interface Executions {
  /** Steps whose function died while it ran, by state. */
  readonly struck: Readonly<Record<string, number>>
  /** Executions that nobody ended. */
  readonly running: readonly string[]
}

/** Executions that are not over. */
export const runningExecutions = async (endpoint: string): Promise<readonly string[]> =>
  withClient(endpoint, async (client) => listed(client, 'RUNNING'))

/** Stops the executions of these leases as an operator would in the console. */
export const stopExecutions = async (endpoint: string, leases: readonly string[]): Promise<void> =>
  withClient(endpoint, async (client) => {
    const own = (await listed(client, 'RUNNING')).filter((arn) =>
      leases.includes(arn.split(':').at(-1) ?? ''),
    )
    if (own.length !== leases.length) throw new Error(`${own.length} of ${leases.length} executions run`)
    for (const executionArn of own) await client.send(new StopExecutionCommand({ executionArn }))
  })

/** Looks through the histories of all executions of a stack. */
export const executionsOf = async (endpoint: string): Promise<Executions> =>
  withClient(endpoint, async (client) => {
    const struck: Record<string, number> = {}
    for (const executionArn of await listed(client)) {
      for await (const { events = [] } of paginateGetExecutionHistory({ client }, { executionArn })) {
        for (const state of deaths(events)) struck[state] = (struck[state] ?? 0) + 1
      }
    }
    return { struck, running: await listed(client, 'RUNNING') }
  })

async function withClient<T>(endpoint: string, use: (client: SFNClient) => Promise<T>): Promise<T> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new SFNClient({ endpoint, region: 'us-east-1', credentials })
  try {
    return await use(client)
  } finally {
    client.destroy()
  }
}

async function listed(client: SFNClient, statusFilter?: 'RUNNING'): Promise<readonly string[]> {
  const { stateMachines = [] } = await client.send(new ListStateMachinesCommand({}))
  const found: string[] = []
  for (const { stateMachineArn } of stateMachines) {
    const pages = paginateListExecutions({ client, pageSize: 1_000 }, { stateMachineArn, statusFilter })
    for await (const { executions = [] } of pages) {
      found.push(...executions.flatMap(({ executionArn }) => executionArn ?? []))
    }
  }
  return found
}

/** The states in which a task failed because its process ended. */
function deaths(events: readonly HistoryEvent[]): readonly string[] {
  let state = ''
  return events.flatMap((event) => {
    state = event.stateEnteredEventDetails?.name ?? state
    return event.taskFailedEventDetails?.error === DIED ? [state] : []
  })
}
