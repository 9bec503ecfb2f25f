import type { Count } from './faults.ts'

type Units = {
  readonly CapacityUnits?: number
  readonly ReadCapacityUnits?: number
  readonly WriteCapacityUnits?: number
}

/** The capacity units that a response reports, where the request asked for them. */
export function capacityOf(operation: string, responseText: string): Pick<Count, 'readUnits' | 'writeUnits'> {
  if (!responseText.includes('"ConsumedCapacity"')) return { readUnits: 0, writeUnits: 0 }
  const { ConsumedCapacity = [] } = JSON.parse(responseText) as {
    ConsumedCapacity?: Units | readonly Units[]
  }
  const reads = /^(Get|BatchGet|TransactGet|Query|Scan)/.test(operation)
  const parts = [ConsumedCapacity].flat() as readonly Units[]
  const total = { readUnits: 0, writeUnits: 0 }
  for (const { CapacityUnits = 0, ReadCapacityUnits, WriteCapacityUnits } of parts) {
    const told = ReadCapacityUnits !== undefined || WriteCapacityUnits !== undefined
    total.readUnits += told ? (ReadCapacityUnits ?? 0) : reads ? CapacityUnits : 0
    total.writeUnits += told ? (WriteCapacityUnits ?? 0) : reads ? 0 : CapacityUnits
  }
  return total
}
