import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

/** The condition of the write beside it decides, or nothing has to be decided. */
const DECIDES_NOTHING = ['as_registered', 'gone_anyway']
const CONDITIONS = new URL('../../../lib/app/store/conditions/', import.meta.url)

test('every condition that decides between two has a race that is named after it', async () => {
  const sources = await Promise.all(
    (await readdir(CONDITIONS)).map(async (file) => readFile(new URL(file, CONDITIONS), 'utf8')),
  )
  const names = sources.flatMap((source) => [...source.matchAll(/name: '(\w+)'/g)].map(([, name]) => name))
  const files = (await readdir(import.meta.dirname)).filter((file) => file.endsWith('.test.ts'))
  const texts = await Promise.all(
    files.map(async (file) => readFile(`${import.meta.dirname}/${file}`, 'utf8')),
  )
  const raced = new Set(texts.flatMap((text) => [...text.matchAll(/'(\w+): /g)].map(([, name]) => name)))

  const missing = names.filter((name) => name !== undefined && !raced.has(name))

  expect(names.length).toBeGreaterThan(30)
  expect(missing).toEqual(DECIDES_NOTHING)
})
