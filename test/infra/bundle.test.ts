import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { bundle } from '../../infra/bundle.ts'

test('each function becomes one file that runs without the sources', async () => {
  using tree = sources({
    'functions/one.ts': `import { word } from '../lib/word.ts'\nexport const handler = async () => word`,
    'functions/two.ts': `export const handler = async () => 'two'`,
    'lib/word.ts': `export const word: string = 'one'`,
  })

  await bundle({ ...tree.request, entries: { one: 'functions/one.ts', two: 'functions/two.ts' } })

  expect(await tree.run('one')).toBe('one')
  expect(await tree.run('two')).toBe('two')
})

test.each(["import.meta.dirname + '/script/a.sh'", "new URL('script/a.sh', import.meta.url)"])(
  'files that a source reads at run time lie beside the bundles that have the source, and no others: %s',
  async (address) => {
    using tree = sources({
      'functions/one.ts': `export { handler } from '../lib/script.ts'`,
      'functions/two.ts': `export const handler = async () => 'two'`,
      'lib/script.ts': `import { readFileSync } from 'node:fs'
        export const handler = async () => readFileSync(${address}, 'utf8')`,
      'lib/script/a.sh': 'echo a',
    })

    await bundle({
      ...tree.request,
      entries: { one: 'functions/one.ts', two: 'functions/two.ts' },
      companions: { 'lib/script.ts': 'lib/script' },
    })

    expect(await tree.run('one')).toBe('echo a')
    expect(existsSync(join(tree.request.directory, 'two/script'))).toBe(false)
  },
)

test('errors keep their names, which machines match', async () => {
  using tree = sources({
    'functions/one.ts': `class TableBusy extends Error {}\nexport const handler = async () => TableBusy.name`,
  })

  await bundle({ ...tree.request, entries: { one: 'functions/one.ts' } })

  expect(await tree.run('one')).toBe('TableBusy')
})

test('a function without an entry file is named', async () => {
  using tree = sources({})

  const bundling = bundle({ ...tree.request, entries: { one: 'functions/one.ts' } })

  await expect(bundling).rejects.toThrow('functions without an entry file: functions/one.ts')
})

test('a source that asks what a bundle cannot answer is refused', async () => {
  using tree = sources({ 'functions/one.ts': `export const handler = async () => import.meta.main` })

  const bundling = bundle({ ...tree.request, entries: { one: 'functions/one.ts' } })

  await expect(bundling).rejects.toThrow('import.meta')
})

/** A source tree on disk: path -> text. */
function sources(files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'drydock-bundle-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const directory = join(root, 'out')
  return {
    request: { root, directory, companions: {} },
    run: (name: string): Promise<unknown> =>
      createRequire(import.meta.url)(join(directory, name, 'index.cjs')).handler(),
    [Symbol.dispose]: () => rmSync(root, { recursive: true }),
  }
}
