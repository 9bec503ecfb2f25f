import type { Arbitrary } from 'fast-check'
import {
  array,
  boolean,
  constant,
  dictionary,
  double,
  letrec,
  maxSafeInteger,
  oneof,
  string,
  uint8Array,
} from 'fast-check'

import type { Value } from '../../lib/app/ports/table.ts'

/** Whatever an attribute can hold; zero has one sign only. */
export function values(): Arbitrary<Value> {
  const text = string({ unit: 'binary', maxLength: 8 })
  const number = oneof(maxSafeInteger(), double({ min: -1e15, max: 1e15, noNaN: true })).map((value) =>
    Math.abs(value) < 1e-100 ? 0 : value,
  )
  const bytes = uint8Array({ maxLength: 8 }).map((array) => new Uint8Array(array))
  const name = string({ unit: 'grapheme', minLength: 1, maxLength: 5 }).filter((text) => text.isWellFormed())
  return letrec<{ value: Value }>((tie) => ({
    value: oneof(
      { maxDepth: 3, withCrossShrink: true },
      text,
      number,
      boolean(),
      constant(null),
      bytes,
      array(tie('value'), { maxLength: 4 }),
      dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).value
}
