import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mayChangeUsers } from '../support/hosts/levels.ts'
import type { OpenHosts } from '../support/hosts/open-hosts.ts'
import { openShellHost } from '../support/hosts/shell.ts'
import { attempts } from './escapes/attempts.ts'
import { declaredOutcomes } from './escapes/declared.ts'
import type { Victim } from './escapes/scene.ts'
import { judge, placeVictim } from './escapes/stage.ts'
import { sweepUp } from './escapes/traces.ts'

let tags = 700_000_000

describe.each(['process', 'user', 'cgroup'] as const)('level %s', (level) => {
  describe.runIf(level === 'process' || mayChangeUsers)('a job', () => {
    let host: OpenHosts
    let victim: Victim | undefined
    beforeAll(async () => {
      host = openShellHost(level)
      const probed = await host.hosts.probe(host.target)
      // Where no cgroup can be made the host says so, and the attempts are listed as skipped.
      if (level === 'cgroup' && probed.kind !== 'done') return
      victim = await placeVictim(host)
    })
    afterAll(() => host.close())

    const tried = attempts.filter(({ usersOnly }) => level !== 'process' || !usersOnly)
    test.for(tried)('tries $name', async (attempt, { skip }) => {
      if (!victim) return skip()
      tags += 1
      const tag = String(tags)

      const left = await judge(host, victim, attempt, tag).finally(() => sweepUp(tag))

      expect(left).toBeOneOf([...declaredOutcomes(attempt, level)])
    })
  })
})
