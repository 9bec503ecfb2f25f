import { createMemoryTable } from '../../../lib/adapters/memory/table.ts'
import { tableContract } from '../../contracts/table.ts'

tableContract('in memory', async () => ({
  table: createMemoryTable(),
  close: async () => undefined,
}))
