import type { Clause } from '../../ports/table.ts'

export const exists: Clause = { is: 'item-exists' }

export const equal = (attribute: string, value: string | number | boolean): Clause => ({
  is: 'equal',
  attribute,
  value,
})
