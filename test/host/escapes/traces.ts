import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What may have ended since it was listed. */
function orElse<T>(look: () => T, none: T): T {
  try {
    return look()
  } catch {
    return none
  }
}

const read = (file: string): string => orElse(() => readFileSync(file, 'latin1'), '')

/** Whether one of several looks finds a living process: one pass may miss who changes its number all the time. */
export const anyLiving = (tag: string, user: string | undefined): boolean =>
  Array.from({ length: 6 }).some(() => living(tag, user).length > 0)

/** Whether a living process has a lock on the file, be it one that it inherited. */
export const isHeld = (file: string): boolean => spawnSync('flock', ['--nonblock', file, 'true']).status !== 0

/** The living processes whose arguments hold `tag`, or that belong to `user`. */
function living(tag: string, user: string | undefined): number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      const status = read(`/proc/${pid}/status`)
      const dead = /^State:\s[ZX]/m.test(status) && !/^Threads:\s+(?![01]$)[0-9]/m.test(status)
      if (dead) return false
      const mine = user !== undefined && new RegExp(`^Uid:.*\\b${user}\\b`, 'm').test(status)
      return mine || `${read(`/proc/${pid}/cmdline`)}${nameOf(pid, status)}`.includes(tag)
    })
    .map(Number)
}

/** A process whose first thread ended has no arguments any more; its other threads have. */
function nameOf(pid: string, status: string): string {
  if (!/^State:\sZ/m.test(status)) return ''
  return orElse(() => readdirSync(`/proc/${pid}/task`), [])
    .map((thread) => read(`/proc/${pid}/task/${thread}/cmdline`))
    .join()
}

export const filesOf = (tag: string): string[] =>
  ['/tmp', '/var/tmp', '/dev/shm'].map((place) => join(place, `escape-${tag}`)).filter(existsSync)

/** `ipcrm` options for the System V objects with the key `tag`. */
export const memoryOf = (tag: string): string[] =>
  (['shm', 'sem', 'msg'] as const).flatMap((kind) =>
    read(`/proc/sysvipc/${kind}`)
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([key]) => key === tag)
      .map(([, id]) => `--${{ shm: 'shmem', sem: 'semaphore', msg: 'queue' }[kind]}-id=${id}`),
  )

/** Names, kinds, sizes and bytes below a directory. */
export const contentsOf = (directory: string): string =>
  execFileSync(
    'sh',
    [
      '-c',
      'cd "$1" && find . -printf "%P %y %m %U %s\\n" | sort; find . -type f -exec cat {} +',
      'sh',
      directory,
    ],
    {
      encoding: 'latin1',
      maxBuffer: 64 * 1024 * 1024,
    },
  )

/** Ends and removes what an attempt left, so that the test leaves nothing itself. */
export function sweepUp(tag: string): void {
  for (let quiet = 0; quiet < 3; quiet += 1) {
    const left = living(tag, undefined)
    for (const pid of left) orElse(() => process.kill(pid, 'SIGKILL'), false)
    if (left.length > 0) quiet = 0
  }
  for (const file of filesOf(tag)) execFileSync('rm', ['-rf', file])
  const memory = memoryOf(tag)
  if (memory.length > 0) execFileSync('ipcrm', memory)
}
