import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { constants, tmpdir } from 'node:os'
import type { z } from 'zod'
import type { Command, commandRequest, Output } from '../../../lib/contract/command.ts'

/** A command as a real process of this machine, its output kept with offsets. */
export interface Program {
  readonly describe: () => Command
  readonly output: (after: number, seconds: number) => Promise<Output>
  /** Kills the whole group and resolves when the process is gone. */
  readonly kill: (cause: string) => Promise<void>
  readonly ended: () => boolean
}

const LARGEST_ANSWER = 64_000

export function startProgram(
  leaseId: string,
  number: number,
  asked: z.output<typeof commandRequest>,
): Program {
  const chunks: { offset: number; stream: 'stdout' | 'stderr'; bytes: Buffer }[] = []
  const events = new EventEmitter().setMaxListeners(0)
  const createdAt = new Date().toISOString()
  let size = 0
  let end: { exitCode?: number; cause: string } | undefined
  let killedFor: string | undefined

  const [file = '', ...rest] = asked.argv
  const child = spawn(file, rest, {
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'], ...asked.environment, ...asked.secretEnv },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  const { stdin } = asked
  child.stdin.on('error', () => undefined)
  child.stdin.end(stdin && ('text' in stdin ? stdin.text : Buffer.from(stdin.base64, 'base64')))
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (bytes: Buffer) => {
      for (let from = 0; from < bytes.length; from += LARGEST_ANSWER) {
        const part = bytes.subarray(from, from + LARGEST_ANSWER)
        chunks.push({ offset: size, stream, bytes: part })
        size += part.length
      }
      events.emit('news')
    })
  }
  child.on('error', () => undefined)
  child.on('close', (code, signal) => {
    const exitCode = code === null ? 128 + (signal === null ? 0 : constants.signals[signal]) : code
    end = code !== null && code < 0 ? { cause: 'refused' } : { exitCode, cause: killedFor ?? 'exited' }
    events.emit('news')
    events.emit('end')
  })

  const ended = () => end !== undefined
  const read = (after: number): Output => {
    const picked: typeof chunks = []
    let room = LARGEST_ANSWER
    for (const chunk of chunks.filter((one) => one.offset + one.bytes.length > after)) {
      if (picked.length > 0 && chunk.bytes.length > room) break
      picked.push(chunk)
      room -= chunk.bytes.length
    }
    const next = picked.reduce((_, { offset, bytes }) => offset + bytes.length, after)
    return {
      chunks: picked.map(({ offset, stream, bytes }) => ({
        offset,
        stream,
        base64: bytes.toString('base64'),
      })),
      next,
      ended: ended() && next === size,
      ...(next === size ? end : {}),
    }
  }
  return {
    ended,
    describe: () => ({
      leaseId,
      number,
      argv: [...asked.argv],
      environment: Object.keys(asked.environment),
      secretEnv: Object.keys(asked.secretEnv),
      timeoutSeconds: asked.timeoutSeconds ?? 3_600,
      directory: asked.directory ?? '.',
      status: end === undefined ? 'running' : 'ended',
      createdAt,
      outputBytes: size,
    }),
    output: async (after, seconds) => {
      const timeout = AbortSignal.timeout(seconds * 1_000)
      while (read(after).next === after && !ended() && !timeout.aborted) {
        await once(events, 'news', { signal: timeout }).catch(() => undefined)
      }
      return read(after)
    },
    kill: async (cause) => {
      if (ended() || child.pid === undefined) return
      if (child.exitCode === null && child.signalCode === null) {
        killedFor = cause
        process.kill(-child.pid, 'SIGKILL')
      }
      await once(events, 'end')
    },
  }
}
