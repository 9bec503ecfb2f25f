import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from '../../../lib/client/api.ts'
import { activeLease } from './lease.ts'
import { alive, argumentsOf, descendants, environmentOf, eventually, mentioning } from './observe.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const RUN = ['infra/local/run.mjs', 'infra/local/start.ts', '--port', '0']
const COMMANDS = { node: ['node', ...RUN], npm: ['npm', 'start', '--', '--port', '0'] } as const

/** `npm start` in processes of its own, with a lease in which a program runs for hours. */
export interface Program {
  /** Of the command that was typed; it leads a process group. */
  readonly pid: number
  /** Of the process in which the stack runs. */
  readonly stack: number
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  /** Processes that are still there when there should be none. */
  left(): Promise<readonly number[]>
  /** What it keeps on disk for as long as it runs. */
  files(): readonly string[]
  /** Kills what a failed test leaves. */
  end(): void
}

export async function startProgram(how: keyof typeof COMMANDS, announce: string): Promise<Program> {
  const [command, ...args] = [...COMMANDS[how], '--announce', announce]
  const { npm_lifecycle_event: _, ...environment } = process.env
  const child = spawn(command, args, {
    cwd: ROOT,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const pid = child.pid ?? 0
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }))
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => said.push(text))
  }
  const heard = (pattern: RegExp) => pattern.exec(said.join(''))?.[1]
  await eventually(
    'it is up',
    () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${said.join('')}`)
      return heard(/(Ctrl-C stops it)/) !== undefined
    },
    60_000,
  )
  const client = createClient({ url: heard(/API +(\S+)/) ?? '', token: heard(/token +(\S+)/) ?? '' })
  const sleeping = `9${pid}`
  const held = await activeLease(client)
  await client.runCommand({ id: held.id, body: { argv: ['setsid', 'sleep', sleeping] } }, held)
  await eventually('the program runs', () => mentioning(`sleep\0${sleeping}`).length > 0)

  const [sleeper = 0] = mentioning(`sleep\0${sleeping}`)
  const marker = environmentOf(sleeper).find((entry) => entry.startsWith('DRYDOCK_STACK=')) ?? 'no marker'
  const family = [pid, ...descendants(pid)]
  const stack = family.find((member) => argumentsOf(member)[1]?.endsWith('/infra/local/start.ts')) ?? 0
  const remaining = () => [
    ...new Set([...family, ...mentioning(marker), ...mentioning(`sleep\0${sleeping}`)].filter(alive)),
  ]
  return {
    pid,
    stack,
    ended,
    left: async () => {
      await eventually('all are gone', () => remaining().length === 0).catch(() => undefined)
      return remaining()
    },
    files: () =>
      ['/dev/shm', tmpdir()].flatMap((parent) =>
        readdirSync(parent)
          .filter((name) => name.includes(`-${stack}-`))
          .map((name) => join(parent, name)),
      ),
    end: () => {
      for (const one of remaining()) if (alive(one)) process.kill(one, 'SIGKILL')
    },
  }
}
