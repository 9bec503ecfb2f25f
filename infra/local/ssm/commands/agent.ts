import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** A machine that Systems Manager knows: what runs on it runs in its directory. */
export interface ManagedNode {
  /** `i-...` or `mi-...`. */
  readonly instanceId: string
  readonly name: string
  /** Absolute; made where it is missing. */
  readonly directory: string
  /** Of everything that its agent starts. */
  readonly environment: Readonly<Record<string, string>>
}

export interface Work {
  readonly commandId: string
  readonly lines: readonly string[]
  readonly timeoutSeconds: number
}

export interface Ended {
  readonly how: 'exited' | 'timed-out' | 'cancelled'
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface Agent {
  /** Resolves when the script has ended; what it started and detached goes on, as on a real node. */
  run(work: Work): Promise<Ended>
  cancel(commandId: string): void
  /** Kills what it runs, and waits until it is gone. */
  close(): Promise<void>
}

/** As the agent has it by default (`Mds.CommandWorkersLimit`): more commands wait for one of these. */
const workers = 5

/** Runs scripts as the SSM agent does: a file without a first line, run by `sh -c`, in a process group of its own. */
export function startAgent(node: ManagedNode): Agent {
  const running = new Map<string, { readonly child: ChildProcess; how: Ended['how'] }>()
  const cancelled = new Set<string>()
  const waiting: (() => void)[] = []
  let busy = 0
  let runs = 0

  return {
    async run(work) {
      if (busy >= workers) await new Promise<void>((resolve) => waiting.push(resolve))
      else busy += 1
      try {
        if (cancelled.has(work.commandId)) return { how: 'cancelled', exitCode: -1, stdout: '', stderr: '' }
        return await runScript(work)
      } finally {
        const next = waiting.shift()
        if (next) next()
        else busy -= 1
      }
    },

    cancel(commandId) {
      cancelled.add(commandId)
      for (const [key, each] of running) if (key.startsWith(`${commandId}.`)) end(each, 'cancelled')
    },

    async close() {
      const all = [...running.values()]
      for (const each of all) end(each, 'cancelled')
      await Promise.all(all.map(async ({ child }) => groupGone(child)))
    },
  }

  async function runScript({ commandId, lines, timeoutSeconds }: Work): Promise<Ended> {
    runs += 1
    const key = `${commandId}.${runs}`
    const place = join(node.directory, '.ssm', key)
    mkdirSync(place, { recursive: true, mode: 0o700 })
    const script = join(place, '_script.sh')
    writeFileSync(script, `${lines.join('\n')}\n`, { mode: 0o700 })
    const files = ['stdout', 'stderr'].map((name) => join(place, name))
    const streams = files.map((file) => openSync(file, 'w', 0o600))
    try {
      const child = spawn('/bin/sh', ['-c', script], {
        cwd: place,
        env: { ...node.environment },
        stdio: ['ignore', ...streams],
        detached: true,
      })
      const run: { readonly child: ChildProcess; how: Ended['how'] } = { child, how: 'exited' }
      running.set(key, run)
      const timer = setTimeout(() => end(run, 'timed-out'), timeoutSeconds * 1_000)
      const exitCode = await exitOf(child)
      clearTimeout(timer)
      if (run.how !== 'exited') await groupGone(child)
      running.delete(key)
      const [stdout = '', stderr = ''] = files.map((file) => readFileSync(file, 'utf8'))
      return { how: run.how, exitCode, stdout, stderr }
    } finally {
      for (const stream of streams) closeSync(stream)
      rmSync(place, { recursive: true, force: true })
    }
  }
}

function end(run: { readonly child: ChildProcess; how: Ended['how'] }, how: Ended['how']): void {
  const { pid, exitCode, signalCode } = run.child
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  run.how = how
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function exitOf(child: ChildProcess): Promise<number> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode ?? 137
}

/** A killed group is gone a moment after its leader. One that nobody reaps stays for ever, so patience ends. */
async function groupGone(child: ChildProcess): Promise<void> {
  await exitOf(child)
  for (let tries = 0; tries < 200 && child.pid !== undefined && groupExists(child.pid); tries++)
    await delay(10)
}

function groupExists(leader: number): boolean {
  try {
    process.kill(-leader, 0)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    return false
  }
}
