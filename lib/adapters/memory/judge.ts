import type { Clause, Condition, Item, Value } from '../../app/ports/table.ts'

/** True where every clause holds of the item, or of its absence. */
export function holds({ all }: Condition, item: Item | undefined): boolean {
  return all.every((clause) => clauseHolds(clause, item))
}

function clauseHolds(clause: Clause, item: Item | undefined): boolean {
  switch (clause.is) {
    case 'item-exists':
      return item !== undefined
    case 'item-absent':
      return item === undefined
    case 'present':
      return attributeOf(item, clause.attribute) !== undefined
    case 'missing':
      return attributeOf(item, clause.attribute) === undefined
    case 'equal':
      return attributeOf(item, clause.attribute) === clause.value
    case 'one-of': {
      const found = attributeOf(item, clause.attribute)
      return clause.values.some((value) => value === found)
    }
    case 'below':
      return compares(item, clause.attribute, (found) => found < clause.value)
    case 'at-most':
      return compares(item, clause.attribute, (found) => found <= clause.value)
    case 'above':
      return compares(item, clause.attribute, (found) => found > clause.value)
    case 'at-least':
      return compares(item, clause.attribute, (found) => found >= clause.value)
    case 'any':
      return clause.of.some((inner) => clauseHolds(inner, item))
  }
}

/** A value of another type compares as little as a missing one. */
function compares(item: Item | undefined, attribute: string, test: (found: number) => boolean): boolean {
  const found = attributeOf(item, attribute)
  return typeof found === 'number' && test(found)
}

/** Own attributes only: every object has a `constructor`, no item does. */
function attributeOf(item: Item | undefined, attribute: string): Value | undefined {
  return item && Object.hasOwn(item, attribute) ? item[attribute] : undefined
}
