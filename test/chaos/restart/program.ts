import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { alive, descendants, eventually } from '../../features/support/observe.ts'
import { killNow } from '../kills/workers.ts'
import type { RunningStack } from '../stack.ts'

const SCRIPT = fileURLToPath(new URL('holds-a-stack.ts', import.meta.url))

export interface ProgramOptions {
  /** Directory that outlives the process. */
  readonly data: string
  readonly port: number
  readonly hosts: readonly string[]
  /** Of each host. */
  readonly slots: number
}

/**
 * How a stack dies. `alone`: its own process; whatever it watched over goes with it, as hosts that lose their power.
 * `everything`: also each process under it at that moment, its watchdogs among them; detached jobs on hosts live on, as on
 * hosts that lose only their network.
 */
export type Death = 'alone' | 'everything'

/** The whole stack in a process of its own. */
export interface Program {
  /** Resolves when it serves. Rejects when it ended before. */
  readonly up: Promise<RunningStack>
  /** SIGKILL without warning; resolves once its own process is gone. */
  kill(death: Death): Promise<void>
  /** Ctrl-C; resolves once it and all that it started are gone. */
  stop(): Promise<void>
}

export function startProgram({ data, port, hosts, slots }: ProgramOptions): Program {
  const args = ['--data', data, '--port', `${port}`, '--hosts', hosts.join(','), '--slots', `${slots}`]
  const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const up = said(child)
  // Who kills it while it starts does not wait for it.
  up.catch(() => undefined)
  const pid = child.pid ?? 0
  return {
    up,
    kill: async (death) => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const under = death === 'everything' ? descendants(pid) : []
      for (const one of [pid, ...under]) killNow(one)
      await ended
    },
    stop: async () => {
      const family = descendants(pid)
      child.kill('SIGTERM')
      await ended
      await eventually('all that it started is gone', () => !family.some(alive))
    },
  }
}

async function said(child: ChildProcess): Promise<RunningStack> {
  let text = ''
  for await (const part of child.stdout ?? []) {
    text += String(part)
    const [line, rest] = text.split('\n', 2)
    if (rest !== undefined) return JSON.parse(line ?? '') as RunningStack
  }
  throw new Error(`the stack ended before it was up: ${text}`)
}
