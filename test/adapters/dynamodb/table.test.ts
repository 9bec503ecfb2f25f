import { expect, test } from 'vitest'

import { tableContract } from '../../contracts/table.ts'
import { openEmbeddedTable, openTable } from '../../support/dynamodb.ts'

tableContract('in the embedded DynamoDB', openEmbeddedTable)

const endpoint = process.env['DRYDOCK_TABLE_ENDPOINT']
test('DRYDOCK_TABLE_ENDPOINT names a further DynamoDB to show the contract on', ({ skip }) => {
  skip(endpoint === undefined, 'not given')

  expect(endpoint).toMatch(/^https?:/)
})
if (endpoint !== undefined) tableContract(`at ${endpoint}`, () => openTable(endpoint))
