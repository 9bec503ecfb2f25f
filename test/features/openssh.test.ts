import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepKeyPair } from '../../infra/local/hosts/keys.ts'
import { exampleCatalogue } from '../../infra/local/trial/catalogue.ts'
import { commitsOf, ensureExampleRepository } from '../../infra/local/trial/repository.ts'
import { openScratch } from '../../infra/local/trial/scratch.ts'
import { hold } from '../../lib/client/hold.ts'
import { removeHost } from '../support/hosts/open-hosts.ts'
import { hasOpenSsh, startOpenSsh } from '../support/openssh.ts'
import type { OpenSsh } from '../support/openssh.ts'
import { openInstallation, REPOSITORY, WORKING_COPIES } from './support/installation.ts'
import type { Installation } from './support/installation.ts'
import { destroyed, timeline } from './support/lease.ts'
import { eventually, mentioning } from './support/observe.ts'

const NAMES = ['north', 'south']

describe.skipIf(!hasOpenSsh)('the main job on hosts with OpenSSH (skipped where there is no sshd)', () => {
  let scratch: ReturnType<typeof openScratch>
  let daemons: readonly OpenSsh[] = []
  let here: Installation
  let commits: readonly string[]
  beforeAll(async () => {
    scratch = openScratch()
    const data = join(scratch.directory, 'data')
    const { publicKey } = keepKeyPair(join(data, 'ssh'), 'client_ed25519')
    const directory = ensureExampleRepository(join(scratch.directory, 'example.git'))
    commits = commitsOf(directory).slice(0, 5)
    daemons = await Promise.all(NAMES.map((name) => startHost(name, publicKey)))
    here = await openInstallation({ data, hosts: [], catalogue: () => catalogueOf(directory) })
  })
  afterAll(async () => {
    try {
      await here?.close()
    } finally {
      await Promise.all(daemons.map((daemon) => daemon.close()))
      const left = mentioning(scratch.directory)
      removeHost(scratch.directory)
      expect(left).toEqual([])
    }
  })

  const homeOf = (name: string): string => join(scratch.directory, name)

  async function startHost(name: string, publicKey: string): Promise<OpenSsh> {
    return startOpenSsh(homeOf(name), publicKey)
  }

  function catalogueOf(directory: string) {
    const hosts = daemons.map((daemon, index) => {
      const name = NAMES[index] ?? ''
      const { address, port, user, hostKey } = daemon
      const reach = { transport: 'ssh', address, port, user, hostKey } as const
      return { name, reach, directory: join(homeOf(name), 'drydock') }
    })
    return exampleCatalogue(hosts, 2, { url: pathToFileURL(directory).href, defaultBranch: 'main' })
  }

  test('five jobs on four slots: each has its commit, streams, passes its code and gives its slot back', async () => {
    const done = Promise.withResolvers<undefined>()
    const waited: string[] = []
    const jobs = commits.map(async (commit, index) =>
      hold(
        here.client,
        { blueprint: WORKING_COPIES, repository: REPOSITORY, commit },
        async (held) => {
          await done.promise
          const script = `git rev-parse HEAD; echo trouble >&2; setsid sleep 3600 & exit ${index}`
          const command = await held.run(['sh', '-c', script])
          const seen = { stdout: '', stderr: '' }
          for await (const { stream, bytes } of command) seen[stream] += Buffer.from(bytes).toString()
          return { ...seen, lease: held.lease, end: await command.ended() }
        },
        { onWaiting: ({ waiting }) => waited.push(waiting?.because ?? '') },
      ),
    )
    await eventually('one waits while four hold', async () => {
      const { waiting, slots } = await here.pool()
      return waiting === 1 && slots.held === 4
    })

    done.resolve(undefined)
    const reports = await Promise.all(jobs)

    const leases = await Promise.all(reports.map(({ lease }) => destroyed(here.client, lease.id)))
    const timelines = await Promise.all(leases.map(({ id }) => timeline(here.client, id)))
    const handedOver = timelines.filter((events) => events[1]?.cause?.startsWith('handed over by'))
    expect(reports.map(({ stdout, stderr, end }) => ({ stdout, stderr, ...end }))).toEqual(
      commits.map((commit, index) => ({
        stdout: `${commit}\n`,
        stderr: 'trouble\n',
        exitCode: index,
        cause: 'exited',
      })),
    )
    expect(reports.map(({ lease }) => lease.receipt?.commit)).toEqual(commits)
    expect(leases.map(({ reason }) => reason)).toEqual(commits.map(() => 'released'))
    expect(handedOver).toHaveLength(1)
    expect(waited).toContain('none of the 4 slots of pool linux is free; it is next')
    expect((await here.pool()).hosts.map(({ name, failuresInARow }) => [name, failuresInARow])).toEqual([
      ['north', 0],
      ['south', 0],
    ])
  })
})
