import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleFunctions } from '../../infra/bundle-functions.ts'
import { environments } from '../../lib/contract/environment.ts'

const directory = mkdtempSync(join(tmpdir(), 'drydock-functions-'))
const names = Object.keys(environments)

beforeAll(() => bundleFunctions(directory))
afterAll(() => rmSync(directory, { recursive: true }))

test.each(names)(
  'the bundle of %s starts without sources or environment, and exports its handler',
  (name) => {
    const load = createRequire(import.meta.url)

    expect(load(join(directory, name, 'index.cjs'))).toMatchObject({ handler: expect.any(Function) })
  },
)

test('only the functions that reach hosts carry the SSH library and the host script', () => {
  const carrying = names.filter((name) => existsSync(join(directory, name, 'script')))
  const speaking = names.filter((name) =>
    readFileSync(join(directory, name, 'index.cjs'), 'utf8').includes('ssh-userauth'),
  )

  expect(carrying.toSorted()).toEqual(['activate', 'clean', 'destroy', 'follow', 'land-at-host', 'probe'])
  expect(speaking.toSorted()).toEqual(carrying.toSorted())
})
