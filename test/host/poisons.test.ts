import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkOut } from '../support/hosts/checkouts.ts'
import { runScript } from '../support/hosts/commands.ts'
import { mayChangeUsers } from '../support/hosts/levels.ts'
import { freshSlot, type OpenHosts, valueOf } from '../support/hosts/open-hosts.ts'
import { openShellHost } from '../support/hosts/shell.ts'
import { poisons } from './poisons/poisons.ts'
import { createHardRepository, type HardRepository } from './poisons/repository.ts'
import { cloneOf, gitDirectoryOf, treeOf } from './poisons/trees.ts'

let repository: HardRepository
let clones: Record<'2' | '3', Record<string, string>>
beforeAll(() => {
  repository = createHardRepository()
  clones = { '2': cloneOf(repository, repository.first), '3': cloneOf(repository, repository.second) }
})
afterAll(() => repository.close())

// Release, expiry and cancel all end in `close` here.
describe.each(['process', 'user'] as const)('level %s', (level) => {
  describe.runIf(level === 'process' || mayChangeUsers)('the next lease', () => {
    let host: OpenHosts
    let outside: string
    beforeAll(() => {
      host = openShellHost(level)
      outside = join(host.target.directory, 'outside')
    })
    afterAll(() => host.close())

    test.each(poisons)('gets exactly its commit after %s', async (_name, script) => {
      const { first, second } = repository
      const at = await freshSlot(host)
      rmSync(outside, { recursive: true, force: true })
      mkdirSync(outside)
      chmodSync(outside, 0o777) // a job as a user of its own shall be able to do its worst
      valueOf(await host.hosts.open(host.target, at(1)))
      const { path } = await checkOut(host, at(1), repository, first)
      await runScript(host, at(1), 1, `outside='${outside}'; ${script}`)
      const before = treeOf(outside)

      const copies: Record<string, unknown> = {}
      for (const [epoch, commit] of [
        [2, first],
        [3, second],
      ] as const) {
        valueOf(await host.hosts.close(host.target, at(epoch - 1)))
        valueOf(await host.hosts.open(host.target, at(epoch)))
        const receipt = await checkOut(host, at(epoch), repository, commit)
        expect(receipt).toMatchObject({ commit, path, tree: repository.git('rev-parse', `${commit}^{tree}`) })
        copies[`${epoch}`] = treeOf(path)
      }

      expect(copies).toEqual(clones)
      expect(treeOf(outside)).toEqual(before)
      expect(gitDirectoryOf(path)).toEqual({
        head: `${second}\n`,
        config:
          '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n',
        alternates: `${host.target.directory}/mirrors/sample.git/objects\n`,
        entries: [
          'HEAD',
          'config',
          'index',
          'info/alternates',
          'objects',
          'objects/info',
          'objects/pack',
          'refs',
          'refs/heads',
        ],
      })
      await host.hosts.close(host.target, at(3))
    })
  })
})
