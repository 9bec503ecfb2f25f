import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { readDocument } from '../../lib/client/cli/document.ts'
import { config } from '../../lib/contract/config.ts'
import { REFUSALS } from '../../lib/domain/refusals.ts'
import { anchorsOf, codePathsOf, documents, linksOf, root, sources } from './documents.ts'

test.each(documents)('every relative link of %s leads somewhere', (document) => {
  const here = join(root, document)

  const broken = linksOf(readFileSync(here, 'utf8')).filter((link) => {
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? here : join(dirname(here), path)
    if (!existsSync(target)) return true
    return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor)
  })

  expect(broken).toEqual([])
})

test.each(documents)('every file that %s names is there', (document) => {
  const named = codePathsOf(readFileSync(join(root, document), 'utf8'))

  const missing = named.filter((path) => !existsSync(join(root, path)))

  expect(missing).toEqual([])
})

test('every file and anchor of the documents that the sources name is there', () => {
  const named = sources().flatMap((source) =>
    [...readFileSync(source, 'utf8').matchAll(/docs\/[\w./-]+\.md(?:#[\w-]+)?/g)].map(
      ([reference]) => reference,
    ),
  )

  const broken = named.filter((reference) => {
    const [path = '', anchor] = reference.split('#')
    if (!existsSync(join(root, path))) return true
    return anchor !== undefined && !anchorsOf(readFileSync(join(root, path), 'utf8')).includes(anchor)
  })

  expect(named).toContain('docs/runbook.md#the-sweep-is-silent')
  expect(broken).toEqual([])
})

test('the example of a configuration is one that the service takes', () => {
  const example = readDocument(join(root, 'docs/examples/drydock.yaml'), config)

  expect(Object.keys(example)).toEqual(['blueprints', 'hosts', 'repositories', 'tenants'])
})

test('every refusal has an entry in the runbook', () => {
  const anchors = anchorsOf(readFileSync(join(root, 'docs/runbook.md'), 'utf8'))

  const missing = Object.keys(REFUSALS).filter((code) => !anchors.includes(code))

  expect(missing).toEqual([])
})

test('every entry of the runbook but the refusals says what hurts, how to look and what to do', () => {
  const [entries = ''] = readFileSync(join(root, 'docs/runbook.md'), 'utf8').split('\n## Refusals\n')

  const incomplete = entries
    .split('\n## ')
    .slice(1)
    .filter((entry) =>
      ['Description', 'Investigation', 'Resolution'].some((part) => !entry.includes(`**${part}.**`)),
    )
    .map((entry) => entry.split('\n')[0])

  expect(incomplete).toEqual([])
})

test('every decision has its number, context, decision and consequences', () => {
  const decisions = documents.filter((document) => relative('docs/adr', document).startsWith('0'))

  const incomplete = decisions.filter((document) => {
    const text = readFileSync(join(root, document), 'utf8')
    const number = document.slice('docs/adr/'.length).split('-')[0]
    return (
      !text.startsWith(`# ${number} `) ||
      ['Context', 'Decision', 'Consequences'].some((part) => !text.includes(`\n## ${part}\n`))
    )
  })

  expect(decisions.length).toBeGreaterThan(0)
  expect(incomplete).toEqual([])
})
