import { describe, expect, test } from 'vitest'
import type { Config } from '../../lib/contract/config.ts'
import { cleanUp, directory, text, world } from './cli-world.ts'

cleanUp()

describe('apply', () => {
  const plan = (asked: { query: { dryRun: boolean }; body: Config }) => ({
    applied: !asked.query.dryRun,
    changes: Object.keys(asked.body.blueprints).map((name) => ({
      kind: 'blueprint' as const,
      name,
      change: 'create' as const,
    })),
  })

  test.for([
    { flags: ['--dry-run'], query: { dryRun: true, remove: false }, says: 'Not applied' },
    { flags: ['--remove'], query: { dryRun: false, remove: true }, says: 'Applied: 1' },
  ])('sends the document with $flags and prints the plan', async ({ flags, query, says }) => {
    const { api, environment } = await world({ applyConfig: plan })
    const cwd = await directory({ 'drydock.yaml': 'blueprints:\n  linux: { type: host, allow: ["*"] }\n' })

    const { code, stdout } = await text(['apply', 'drydock.yaml', ...flags], { cwd, environment })

    expect(code).toBe(0)
    expect(stdout).toContain('+ blueprint linux\n')
    expect(stdout).toContain(says)
    expect(api.seen[0]?.query).toEqual(query)
  })

  test.for([
    { document: 'blueprints:\n  linux:\n    type: hots\n', at: '3:5', says: 'blueprints.linux.type' },
    { document: 'blueprints: {}\nhoosts: {}\n', at: '2:1', says: 'hoosts: there is no such field' },
    { document: 'tenants:\n  web:\n    leases: many\n', at: '3:5', says: 'tenants.web.leases' },
    { document: 'hosts:\n  h1:\n    pool: linux\n', at: '2:3', says: 'hosts.h1.address' },
    { document: 'blueprints:\n  Linux: { type: host }\n', at: '2:3', says: 'blueprints.Linux' },
    { document: 'blueprints: [\n', at: '', says: 'drydock.yaml:' },
    { document: 'a: 1\na: 2\n', at: '2:1', says: 'unique' },
    { document: 'just text', at: '1:1', says: 'document: ' },
  ])('a fault is told with its line before anything is sent: $says', async ({ document, at, says }) => {
    const { api, environment } = await world()
    const cwd = await directory({ 'drydock.yaml': document })

    const { code, stderr } = await text(['apply', 'drydock.yaml'], { cwd, environment })

    expect(code).toBe(125)
    expect(stderr).toContain(`drydock: drydock.yaml:${at}`)
    expect(stderr).toContain(says)
    expect(api.seen).toEqual([])
  })

  test('a file that is not there is named', async () => {
    const { cli } = await world()

    const { code, stderr } = await cli(['apply', 'nowhere.yaml'])

    expect(code).toBe(125)
    expect(stderr).toContain('drydock: nowhere.yaml: ENOENT')
  })
})
