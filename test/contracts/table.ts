import { afterAll, beforeAll, describe } from 'vitest'

import type { Table } from '../../lib/app/ports/table.ts'
import { conditionRules } from './table/conditions.ts'
import { limitRules } from './table/limits.ts'
import { queryRules } from './table/queries.ts'
import { raceRules } from './table/races.ts'
import { readRules } from './table/reads.ts'
import { transactionRules } from './table/transactions.ts'
import { valueRules } from './table/values.ts'
import { writeRules } from './table/writes.ts'

export interface OpenTable {
  readonly table: Table
  close(): Promise<void>
}

/** What every adapter of the `Table` port must do. Tests share one table and keep to partitions of their own. */
export function tableContract(name: string, open: () => Promise<OpenTable>): void {
  describe(`Table: ${name}`, () => {
    let opened: OpenTable | undefined
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened?.close())
    const table = () => {
      if (!opened) throw new Error('the table is not open')
      return opened.table
    }

    for (const rules of [
      conditionRules,
      writeRules,
      transactionRules,
      raceRules,
      readRules,
      queryRules,
      valueRules,
      limitRules,
    ]) {
      rules(table)
    }
  })
}
