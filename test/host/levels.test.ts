import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { HostAnswer, Probe } from '../../lib/app/ports/hosts.ts'
import { checkOut } from '../support/hosts/checkouts.ts'
import { runScript } from '../support/hosts/commands.ts'
import { mayChangeUsers } from '../support/hosts/levels.ts'
import { freshSlot, openSlot, type OpenHosts, valueOf } from '../support/hosts/open-hosts.ts'
import { createRepository } from '../support/hosts/repositories.ts'
import { openShellHost } from '../support/hosts/shell.ts'

function hostAt(demand: string): OpenHosts {
  const host = openShellHost(demand)
  onTestFinished(() => host.close())
  return host
}

/** A host in a directory of a directory, which only control may enter until a test says otherwise. */
function hostBehindDoor(demand?: string): OpenHosts & { readonly door: string } {
  const host = hostAt('process')
  const door = join(host.target.directory, 'door')
  const target = { ...host.target, directory: join(door, 'drydock') }
  mkdirSync(target.directory, { recursive: true, mode: 0o700 })
  chmodSync(host.target.directory, 0o711)
  if (demand !== undefined) writeFileSync(join(target.directory, 'isolation'), `${demand}\n`)
  return { ...host, target, door }
}

const levelOf = (answer: HostAnswer<Probe>): string =>
  answer.kind === 'done' ? answer.value.isolation : answer.kind

const failed = { kind: 'failed', fault: 'host', code: 'script_failed' }

const userOf = ({ target }: OpenHosts, slot: number): number =>
  statSync(join(target.directory, 'slots', String(slot), 'lease/1/home')).uid

test('a demand that names no level is told, not guessed at', async () => {
  const host = hostAt('usr')

  const answer = await host.hosts.probe(host.target)

  expect(answer).toMatchObject(failed)
})

test('a login user who may not become root cannot be made to keep jobs apart', async ({ skip }) => {
  if (mayChangeUsers) skip()
  const host = hostAt('user')

  const answer = await host.hosts.probe(host.target)

  expect(answer).toMatchObject(failed)
})

describe.runIf(mayChangeUsers)('where control is root', () => {
  test('the best level that works is used where none is demanded', async () => {
    const host = hostAt('')

    const probed = await host.hosts.probe(host.target)
    const { stdout } = await runScript(host, await openSlot(host), 1, 'id -u')

    expect(levelOf(probed)).toMatch(/^(user|cgroup)$/)
    expect(Number(stdout.toString())).toBeGreaterThan(0)
  })

  test('a directory that users cannot reach leaves a host at level process, or without a level', async () => {
    const [any, demanding] = [hostBehindDoor(), hostBehindDoor('user')]

    const reached = await any.hosts.probe(any.target)
    const refused = await demanding.hosts.probe(demanding.target)
    const initialised = await demanding.hosts.init(demanding.target, {
      slot: 1,
      nonce: 'n',
      epoch: 0,
      seen: null,
    })

    expect(levelOf(reached)).toBe('process')
    expect([refused, initialised]).toMatchObject([failed, failed])
  })

  test('a level that was reached is not given up without the operator’s word', async () => {
    const host = hostBehindDoor()
    chmodSync(host.door, 0o711)
    const before = await host.hosts.probe(host.target)

    chmodSync(host.door, 0o700)
    const silently = await host.hosts.probe(host.target)
    writeFileSync(join(host.target.directory, 'isolation'), 'process\n')
    const onPurpose = await host.hosts.probe(host.target)

    expect(levelOf(before)).toMatch(/^(user|cgroup)$/)
    expect(silently).toMatchObject(failed)
    expect(levelOf(onPurpose)).toBe('process')
  })

  test('a slot takes the level of its host with its next lease, and nothing of what it held', async () => {
    const host = hostAt('process')
    const repository = createRepository()
    onTestFinished(() => repository.close())
    const commit = repository.commit({ file: 'x' })
    const at = await freshSlot(host)
    valueOf(await host.hosts.open(host.target, at(1)))
    const { path } = await checkOut(host, at(1), repository, commit)
    valueOf(await host.hosts.close(host.target, at(1)))

    writeFileSync(join(host.target.directory, 'isolation'), 'user\n')
    valueOf(await host.hosts.probe(host.target))
    valueOf(await host.hosts.open(host.target, at(2)))
    const kept = existsSync(path)
    const receipt = await checkOut(host, at(2), repository, commit)
    const { stdout } = await runScript(host, at(2), 1, 'id -u; git status --porcelain; stat -c %u .')

    expect({ kept, commit: receipt.commit }).toEqual({ kept: false, commit })
    expect(new Set(stdout.toString().trim().split('\n')).size).toBe(1)
    expect(stdout.toString()).not.toMatch(/^0$/m)
  })

  test('no two slots of a machine have the same user, whichever directories they lie in', async () => {
    const hosts = [hostAt('user'), hostAt('user')]

    const users: number[] = []
    for (const host of [...hosts, ...hosts]) users.push(userOf(host, (await openSlot(host)).slot))

    expect(new Set(users).size).toBe(4)
  })

  test('a range of users that the operator names is kept', async () => {
    const host = hostAt('user 70000-70003')

    const users: number[] = []
    for (const slot of [await openSlot(host), await openSlot(host)]) users.push(userOf(host, slot.slot))
    const third = await host.hosts.init(host.target, { slot: 9, nonce: 'n', epoch: 0, seen: null })

    // The first is the probe's, the last is nobody's.
    expect(users).toEqual([70_001, 70_002])
    expect(third).toMatchObject(failed)
  })

  test('a lease cannot enter a copy that it did not ask for', async () => {
    const host = hostAt('user')
    const repository = createRepository()
    onTestFinished(() => repository.close())
    const commit = repository.commit({ file: 'of another tenant' })
    const at = await freshSlot(host)
    valueOf(await host.hosts.open(host.target, at(1)))
    const { path } = await checkOut(host, at(1), repository, commit)
    valueOf(await host.hosts.close(host.target, at(1)))
    valueOf(await host.hosts.open(host.target, at(2)))

    const mirror = join(host.target.directory, 'mirrors/sample.git')
    const seen = await runScript(host, at(2), 1, `cat ${path}/file; ls ${mirror}`)
    const asked = await checkOut(host, at(2), repository, commit)
    const then = await runScript(host, at(2), 2, `cat ${path}/file; ls ${mirror}`)

    expect(seen.stdout.toString()).toBe('')
    expect(asked.fetched).toBe(false)
    expect(then.stdout.toString()).toContain('of another tenant')
  })

  test('what a caller puts into the environment never reaches a program with control’s rights', async () => {
    const host = hostAt('user')
    const slot = await openSlot(host)
    const trap = `${host.target.directory}/trap`
    mkdirSync(trap)
    chmodSync(trap, 0o777)
    writeFileSync(join(trap, 'library.c'), LIBRARY)

    const built = await runScript(
      host,
      slot,
      1,
      `cd ${trap}; cc -shared -fPIC -o library.so library.c && echo built`,
    )
    const environment = { LD_PRELOAD: `${trap}/library.so`, PATH: `${trap}:/usr/bin:/bin`, TRAP: trap }
    const command = { number: 2, argv: ['true'], environment, timeoutSeconds: 9, directory: '' }
    await host.hosts.run(host.target, slot, command)
    await host.hosts.follow(host.target, slot, {
      number: 2,
      stdoutOffset: 0,
      stderrOffset: 0,
      maxBytes: 1000,
      waitSeconds: 10,
    })

    if (built.stdout.toString() !== 'built\n') return // no compiler here
    const loadedBy = readFileSync(join(trap, 'uids'), 'utf8').trim().split('\n')
    expect(new Set(loadedBy)).toEqual(new Set([String(userOf(host, slot.slot))]))
  })

  test('close answers done only when the user is confirmed to have no process', async ({ skip }) => {
    const host = hostAt('user')
    if (!existsSync(join(host.target.directory, 'shells'))) skip() // there is no dash, and so no place of ours in PATH
    const slot = await openSlot(host)
    await runScript(host, slot, 1, 'env -i setsid sleep 600 >/dev/null 2>&1 & sleep 0.1')
    const signals = join(host.target.directory, 'shells/perl') // a host on which no signal comes through
    writeFileSync(signals, '#!/bin/sh\n', { mode: 0o755 })

    const kept = await host.hosts.close(host.target, slot)
    rmSync(signals)
    const emptied = await host.hosts.close(host.target, slot)

    expect(kept).toMatchObject({ kind: 'failed', fault: 'host', code: 'not_empty' })
    expect(emptied).toMatchObject({ kind: 'done' })
  })
})

/** Notes which user loaded it. */
const LIBRARY = `
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
__attribute__((constructor)) static void note(void) {
  char path[4096];
  snprintf(path, sizeof path, "%s/uids", getenv("TRAP") ? getenv("TRAP") : "/nowhere");
  FILE *file = fopen(path, "a");
  if (file) { fprintf(file, "%d\\n", (int)geteuid()); fclose(file); }
}
`
