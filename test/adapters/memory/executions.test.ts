import { expect } from 'vitest'
import { createMemoryExecutions } from '../../../lib/adapters/memory/executions.ts'
import { executionsContract } from '../../contracts/executions.ts'

executionsContract('in memory', async () => {
  const executions = createMemoryExecutions()
  return {
    executions,
    started: async () => executions.started().map(({ machine, name, input }) => ({ machine, name, input })),
    finish: async (machine, name) => executions.finish(machine, name),
    wait: async () => executions.wait(),
    wentOn: async (token) => {
      expect(executions.awakened()).toContain(token)
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
})
