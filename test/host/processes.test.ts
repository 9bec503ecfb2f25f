import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SlotRef } from '../../lib/app/ports/hosts.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { output, runScript, startCommand } from '../support/hosts/commands.ts'
import { freshSlot, openSlot, type OpenHosts, processesWith, valueOf } from '../support/hosts/open-hosts.ts'
import { openShellHost } from '../support/hosts/shell.ts'

let host: OpenHosts
beforeAll(() => {
  host = openShellHost()
})
afterAll(() => host.close())

/** Ways to stay behind. Each prints a line once it is ready, and then would run for ten minutes. */
const fugitives = [
  ['a child in the background', 'sleep 600 & echo ready'],
  ['nohup', 'nohup sh -c "echo ready; exec sleep 600" & wait'],
  ['a session of its own', 'setsid sh -c "echo ready; exec sleep 600" & wait'],
  ['a double fork', 'setsid sh -c "sh -c \\"sleep 600 & echo ready\\" &" & wait; sleep 600'],
  ['a process that ignores SIGTERM', `trap '' TERM; echo ready; while :; do sleep 600; done`],
  [
    'a process that ignores SIGHUP, SIGINT and SIGTERM in a session of its own',
    `setsid sh -c "trap '' HUP INT TERM; echo ready; while :; do sleep 600; done" & wait`,
  ],
  ['a stopped process', 'sleep 600 & kill -STOP $!; echo ready; wait'],
  ['a process with an emptied environment', 'env -i /bin/sh -c "echo ready; exec sleep 600" & wait'],
  ['a process that forks all the time', 'f() { sleep 0.01; f & }; f; echo ready; sleep 600'],
] as const

test.each(fugitives)('close leaves nothing of %s', async (_what, script) => {
  const slot = await openSlot(host)
  await startCommand(host, slot, { argv: ['sh', '-c', script] })
  await firstOutput(slot)
  const started = jobsOf(host)

  const closed = await host.hosts.close(host.target, slot)

  expect(started.length).toBeGreaterThan(0)
  expect(closed).toMatchObject({ kind: 'done' })
  expect(jobsOf(host)).toEqual([])
})

test.each(['timeout', 'cancelled'] as const)(
  'a command that ends as %s leaves nothing of itself',
  async (cause) => {
    const slot = await openSlot(host)
    const script = 'setsid sleep 600 & (sleep 600 &); echo ready; sleep 600'
    await startCommand(host, slot, {
      argv: ['sh', '-c', script],
      timeoutSeconds: cause === 'timeout' ? 1 : 60,
    })
    if (cause === 'cancelled') {
      const from = { number: 1, stdoutOffset: 0, stderrOffset: 0, maxBytes: 100, waitSeconds: 20 }
      await host.hosts.follow(host.target, slot, from)
      valueOf(await host.hosts.cancel(host.target, slot, 1))
    }

    const { end } = await output(host, slot, 1)

    expect(end.cause).toBe(cause)
    expect(jobsOf(host)).toEqual([])
  },
)

test('what a command leaves in the background serves the next command of the lease', async () => {
  const slot = await openSlot(host)
  await runScript(
    host,
    slot,
    1,
    'mkfifo "$TMPDIR/pipe"; setsid sh -c "echo served > \\"$TMPDIR/pipe\\"" >&2 &',
  )

  const { stdout } = await runScript(host, slot, 2, 'cat "$TMPDIR/pipe"')

  expect(stdout.toString()).toBe('served\n')
  await host.hosts.close(host.target, slot)
})

test('cancelling one command leaves the others alone', async () => {
  const slot = await openSlot(host)
  await startCommand(host, slot, { number: 1, argv: ['sleep', '600'] })
  await startCommand(host, slot, {
    number: 2,
    argv: ['sh', '-c', 'read -r line < "$TMPDIR/go"; echo "$line"'],
  })

  valueOf(await host.hosts.cancel(host.target, slot, 1))
  const other = valueOf(
    await host.hosts.follow(host.target, slot, {
      number: 2,
      stdoutOffset: 0,
      stderrOffset: 0,
      maxBytes: 100,
      waitSeconds: 0,
    }),
  )

  expect((await output(host, slot, 1)).end.cause).toBe('cancelled')
  expect(other.end?.cause).not.toBe('cancelled')
  await host.hosts.close(host.target, slot)
})

test('closing one slot leaves the others alone', async () => {
  const [one, other] = [await openSlot(host), await openSlot(host)]
  for (const slot of [one, other]) {
    await startCommand(host, slot, { argv: ['sh', '-c', 'echo ready; exec sleep 600'] })
    await firstOutput(slot)
  }

  valueOf(await host.hosts.close(host.target, one))

  const still = jobsOf(host).map((pid) => readFileSync(`/proc/${pid}/environ`, 'utf8'))
  expect(still.filter((environment) => environment.includes(`/slots/${one.slot}#`))).toEqual([])
  expect(still.filter((environment) => environment.includes(`/slots/${other.slot}#`))).not.toEqual([])
  await host.hosts.close(host.target, other)
})

test('a command whose supervisor was killed is lost, and what it had started is gone', async () => {
  const slot = await openSlot(host)
  await startCommand(host, slot, { argv: ['sh', '-c', 'echo ready; sleep 600'] })
  await firstOutput(slot)
  for (const pid of processesWith(`#1.supervisor.1/`)) {
    if (readFileSync(`/proc/${pid}/environ`).includes(host.target.directory))
      spawnSync('kill', ['-KILL', String(pid)])
  }

  const { stdout, end } = await output(host, slot, 1)

  expect(stdout.toString()).toBe('ready\n')
  expect(end).toMatchObject({ exitCode: null, cause: 'lost' })
  expect(jobsOf(host)).toEqual([])
})

test('no process that the host starts holds the slot’s lock', async () => {
  const slot = await openSlot(host)
  await startCommand(host, slot, { argv: ['sleep', '600'] })

  const holders = processesWith(host.target.directory).filter((pid) => holds(pid, `slots/${slot.slot}/lock`))

  expect(holders).toEqual([])
  await host.hosts.close(host.target, slot)
})

test('after a reboot the slot is unknown, and init makes it usable again', async () => {
  const at = await freshSlot(host)
  valueOf(await host.hosts.open(host.target, at(1)))
  const state = join(host.target.directory, 'slots', String(at(1).slot), 'state')
  writeFileSync(state, readFileSync(state, 'utf8').replace(/ \S+\n$/, ' another-boot\n'))

  const opened = await host.hosts.open(host.target, at(1))
  const closed = await host.hosts.close(host.target, at(1))
  const renewed = { ...at(2), nonce: 'after-the-reboot' }
  const initialised = await host.hosts.init(host.target, { ...renewed, seen: at(1).nonce })
  const reopened = await host.hosts.open(host.target, { ...renewed, epoch: 3 })

  expect([opened, closed]).toMatchObject([{ code: 'unknown' }, { code: 'unknown' }])
  expect([initialised, reopened]).toMatchObject([{ kind: 'done' }, { kind: 'done' }])
})

test('init kills what still runs in the slot and wipes its working copies', async () => {
  const slot = await openSlot(host)
  await runScript(host, slot, 1, `mkdir -p ../../../copies/old && setsid sleep 600 >/dev/null 2>&1 &`)

  valueOf(await host.hosts.init(host.target, { ...slot, nonce: 'new', epoch: 2, seen: slot.nonce }))

  expect(jobsOf(host)).toEqual([])
  expect(readdirSync(join(host.target.directory, 'slots', String(slot.slot), 'copies'))).toEqual([])
})

test('a lease finds nothing in its directories of what the one before left there', async () => {
  const at = await freshSlot(host)
  valueOf(await host.hosts.open(host.target, at(1)))
  await runScript(host, at(1), 1, 'touch "$HOME/left" "$TMPDIR/left" left; chmod 500 "$HOME"')
  valueOf(await host.hosts.close(host.target, at(1)))
  valueOf(await host.hosts.open(host.target, at(2)))

  const { stdout } = await runScript(host, at(2), 1, 'find "$HOME" "$TMPDIR" . -name left')

  expect(stdout.toString()).toBe('')
})

test('a link in the directory cannot lead a command out of it', async () => {
  const slot = await openSlot(host)
  await runScript(host, slot, 1, 'ln -s / out; mkdir in')
  const command = { number: 2, argv: ['pwd'], environment: {}, timeoutSeconds: 9 }

  const out = await host.hosts.run(host.target, slot, { ...command, directory: 'out/tmp' })
  const inside = await host.hosts.run(host.target, slot, { ...command, directory: 'in' })

  expect(out).toMatchObject({ kind: 'failed', code: 'bad_directory' })
  expect(inside).toMatchObject({ kind: 'done' })
  await host.hosts.close(host.target, slot)
})

async function firstOutput(slot: SlotRef): Promise<void> {
  const from = { number: 1, stdoutOffset: 0, stderrOffset: 0, maxBytes: 100, waitSeconds: 20 }
  valueOf(await host.hosts.follow(host.target, slot, from))
}

/**
 * The jobs of that host, by their working directory, because a fugitive may have emptied its environment and changed
 * its name.
 */
function jobsOf({ target }: OpenHosts): string[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((pid) => linkOf(`/proc/${pid}/cwd`).startsWith(`${target.directory}/slots/`))
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return '' // it has ended since
  }
}

function holds(pid: number, file: string): boolean {
  const links = spawnSync('find', [`/proc/${pid}/fd`, '-lname', `*${file}`], { encoding: 'utf8' })
  return links.stdout !== ''
}
