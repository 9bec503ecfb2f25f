import { setTimeout as delay } from 'node:timers/promises'
import { DescribeExecutionCommand, paginateGetExecutionHistory, SFNClient } from '@aws-sdk/client-sfn'
import type { World } from './world.ts'

/** What Step Functions recorded of executions. */
export function openHistories({ endpoints }: World): {
  /** Resolves when the execution is over. */
  ended(executionArn: string): Promise<void>
  /** States that the execution entered: what is paid for. */
  transitions(executionArn: string): Promise<number>
  close(): void
} {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new SFNClient({ endpoint: endpoints['sfn'] ?? '', region: 'us-east-1', credentials })
  return {
    ended: async (executionArn) => {
      const describe = new DescribeExecutionCommand({ executionArn })
      while ((await client.send(describe)).status === 'RUNNING') await delay(5)
    },
    transitions: async (executionArn) => {
      let entered = 0
      for await (const { events = [] } of paginateGetExecutionHistory({ client }, { executionArn })) {
        entered += events.filter(({ type = '' }) => type.endsWith('StateEntered')).length
      }
      return entered
    },
    close: () => client.destroy(),
  }
}
