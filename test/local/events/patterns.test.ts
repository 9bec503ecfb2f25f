import { expect, test } from 'vitest'
import type { JsonObject } from '../../../infra/local/assembly/json.ts'
import { compilePattern } from '../../../infra/local/events/pattern.ts'

const event: JsonObject = {
  source: 'app.leases',
  'detail-type': 'Changed',
  resources: ['arn:a', 'arn:b'],
  detail: {
    status: 'FAILED',
    count: 7,
    gone: null,
    ok: true,
    parts: [{ kind: 'x' }, { kind: 'y' }],
    none: [],
  },
}

test.each<[string, JsonObject, boolean]>([
  ['equal text', { source: ['other', 'app.leases'] }, true],
  ['unequal text', { source: ['app'] }, false],
  ['all fields are needed', { source: ['app.leases'], 'detail-type': ['Other'] }, false],
  ['any element of a list', { resources: ['arn:b'] }, true],
  ['a number, not its text', { detail: { count: ['7'] } }, false],
  ['true and null', { detail: { ok: [true], gone: [null] } }, true],
  ['a field of list elements', { detail: { parts: { kind: ['y'] } } }, true],
  ['a missing field', { detail: { other: ['x'] } }, false],
  ['prefix', { source: [{ prefix: 'app.' }] }, true],
  ['prefix of another case', { source: [{ prefix: 'APP.' }] }, false],
  ['prefix ignoring case', { source: [{ prefix: { 'equals-ignore-case': 'APP.' } }] }, true],
  ['suffix', { source: [{ suffix: 'leases' }] }, true],
  ['equality ignoring case', { detail: { status: [{ 'equals-ignore-case': 'failed' }] } }, true],
  ['wildcard', { source: [{ wildcard: 'a*.lea*s' }] }, true],
  ['wildcard with a literal dot', { source: [{ wildcard: 'appXlea*' }] }, false],
  ['exists', { detail: { status: [{ exists: true }], gone: [{ exists: true }] } }, true],
  ['exists of what is missing', { detail: { other: [{ exists: true }] } }, false],
  ['not exists', { detail: { other: [{ exists: false }] } }, true],
  ['not exists of what is there', { detail: { status: [{ exists: false }] } }, false],
  ['anything but another', { detail: { status: [{ 'anything-but': ['SUCCEEDED', 'ABORTED'] }] } }, true],
  ['anything but it', { detail: { status: [{ 'anything-but': 'FAILED' }] } }, false],
  ['anything but a prefix', { detail: { status: [{ 'anything-but': { prefix: 'FAI' } }] } }, false],
  ['anything but needs a value', { detail: { other: [{ 'anything-but': 'x' }] } }, false],
  ['a number in a range', { detail: { count: [{ numeric: ['>', 5, '<=', 7] }] } }, true],
  ['a number out of a range', { detail: { count: [{ numeric: ['>', 5, '<', 7] }] } }, false],
  ['one of several patterns', { $or: [{ source: ['x'] }, { detail: { count: [7] } }] }, true],
  ['none of several patterns', { $or: [{ source: ['x'] }, { detail: { count: [8] } }] }, false],
])('%s', (_, pattern, expected) => {
  const matches = compilePattern(pattern)

  const matched = matches(event)

  expect(matched).toBe(expected)
})

test.each<[string, JsonObject]>([
  ['an unknown operator', { source: [{ cidr: '10.0.0.0/8' }] }],
  ['a value outside a list', { source: 'x' }],
  ['half a comparison', { detail: { count: [{ numeric: ['>'] }] } }],
  ['an unknown comparison', { detail: { count: [{ numeric: ['<>', 1] }] } }],
])('refuses %s at once', (_, pattern) => {
  expect(() => compilePattern(pattern)).toThrow(/pattern|compar/)
})
