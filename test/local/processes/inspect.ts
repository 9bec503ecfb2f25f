import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** The living processes (zombies do not count) whose state, process group and environment match. */
export function living(matches: (process: { pid: number; group: number }) => boolean): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)))
    .filter(matches)
    .map(({ pid }) => pid)
}

export const groupOf = (leader: number): number[] => living(({ group }) => group === leader)

export const carrying = (marker: string): number[] =>
  living(({ pid }) => environmentOf(pid).split('\0').includes(marker))

/** Polls until the condition holds; fails after ten seconds. */
export async function eventually(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within ten seconds: ${what}`)
    await delay(5)
  }
}

function readStat(pid: number): { pid: number; group: number }[] {
  const stat = readIfThere(`/proc/${pid}/stat`)
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return state === undefined || state === '' || state === 'Z' ? [] : [{ pid, group: Number(group) }]
}

const environmentOf = (pid: number): string => readIfThere(`/proc/${pid}/environ`)

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(code)) return ''
    throw error
  }
}
