import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../../infra/local/processes/free-port.ts'
import { ensureAssembly } from '../../../infra/synth.ts'
import { createClient } from '../../../lib/client/api.ts'
import { row } from '../measure.ts'
import type { Row } from '../measure.ts'
import type { Scenario } from '../scenario.ts'
import { settle } from '../settle.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
/** Where a start tells the CLI how to reach it; whoever has a stack running keeps theirs. */
const connection = join(root, '.drydock/local.json')
const FIRST_STARTS = 3
const STARTS = 7

interface Started {
  readonly listening: number
  readonly ready: number
  readonly free: number
  readonly ended: number
}

export const start: Scenario = {
  title: 'npm start',
  how: "The app is synthesized already. From the start of the npm process to: the API's port accepts; it says that it is up (catalogue applied); all four slots are cleaned and free. First: nothing compiled is kept yet.",
  run: async () => {
    const assembly = await ensureAssembly()
    const before = readIfThere(connection)
    try {
      const first: Started[] = []
      for (let run = 0; run < FIRST_STARTS; run++) {
        rmSync(join(assembly, 'compiled'), { recursive: true, force: true })
        first.push(await withCache((cache) => startOnce('npm', ['start', '--silent', '--'], cache)))
      }
      return await withCache(async (cache) => {
        await startOnce('npm', ['start', '--silent', '--'], cache)
        const later = await repeated(() => startOnce('npm', ['start', '--silent', '--'], cache))
        const bare = await repeated(() =>
          startOnce(process.execPath, [join(root, 'infra/local/start.ts')], cache),
        )
        return [
          ...rows('first npm start', first),
          ...rows('second npm start', later, '<= 2,000'),
          ...rows('of it, the process of the stack alone', bare, undefined, '<= 500'),
        ]
      })
    } finally {
      if (before !== undefined) writeFileSync(connection, before, { mode: 0o600 })
    }
  },
}

const rows = (
  what: string,
  starts: readonly Started[],
  ready?: string,
  listening?: string,
): readonly Row[] => [
  row(
    `${what} -> listening`,
    starts.map((each) => each.listening),
    listening,
  ),
  row(
    `${what} -> up, catalogue applied`,
    starts.map((each) => each.ready),
    ready,
  ),
  row(
    `${what} -> every slot free`,
    starts.map((each) => each.free),
  ),
  row(
    `${what}: Ctrl-C -> gone`,
    starts.map((each) => each.ended),
  ),
]

async function repeated(once: () => Promise<Started>): Promise<readonly Started[]> {
  const starts: Started[] = []
  while (starts.length < STARTS) starts.push(await once())
  return starts
}

async function startOnce(command: string, args: readonly string[], cache: string): Promise<Started> {
  const port = await freePort()
  const began = performance.now()
  const child = spawn(command, [...args, '--port', String(port)], {
    cwd: root,
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  const token = said(child, /token\s+(\S+)/)
  await accepting(port)
  const listening = performance.now() - began
  const client = createClient({ url: `http://127.0.0.1:${port}`, token: await token })
  const ready = performance.now() - began
  await settle(client)
  const free = performance.now() - began
  const ended = once(child, 'exit')
  const asked = performance.now()
  // As a terminal does it: to everybody in the foreground at once.
  process.kill(-(child.pid ?? 0), 'SIGINT')
  await ended
  return { listening, ready, free, ended: performance.now() - asked }
}

/** What the first match of the pattern in the child's output has in its brackets. */
function said(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const [, found] = pattern.exec(text) ?? []
      if (found !== undefined) resolve(found)
    })
    child.once('exit', () => reject(new Error(`it ended before it was up: ${text}`)))
  })
}

async function accepting(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (open) return
    await delay(3)
  }
}

async function withCache<T>(use: (cache: string) => Promise<T>): Promise<T> {
  const cache = mkdtempSync(join(tmpdir(), 'drydock-bench-cache-'))
  try {
    return await use(cache)
  } finally {
    rmSync(cache, { recursive: true, force: true })
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
