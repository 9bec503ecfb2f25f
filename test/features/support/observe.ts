import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** Polls until the condition holds; fails with what was awaited. */
export async function eventually(
  what: string,
  condition: () => Promise<boolean> | boolean,
  milliseconds = 20_000,
): Promise<void> {
  const deadline = Date.now() + milliseconds
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${milliseconds} ms: ${what}`)
    await delay(20)
  }
}

/** Living processes, this one aside, whose initial environment or arguments hold the text. */
export const mentioning = (text: string): readonly number[] =>
  processes().filter(
    (pid) => pid !== process.pid && `${read(pid, 'environ')}\0${read(pid, 'cmdline')}`.includes(text),
  )

/** A zombie has ended: only its parent has not looked yet. */
export const alive = (pid: number): boolean => !['', 'Z', 'X'].includes(statOf(pid).state)

/** Processes that this one, or those that it started, started and that have not ended. */
export function descendants(of: number): readonly number[] {
  const children = Map.groupBy(processes().filter(alive), (pid) => statOf(pid).parent)
  const found: number[] = []
  for (let level = children.get(of) ?? []; level.length > 0;) {
    found.push(...level)
    level = level.flatMap((pid) => children.get(pid) ?? [])
  }
  return found
}

/** `NAME=value` as the process was started with. */
export const environmentOf = (pid: number): readonly string[] => read(pid, 'environ').split('\0')

export const argumentsOf = (pid: number): readonly string[] => read(pid, 'cmdline').split('\0')

const processes = (): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

function statOf(pid: number): { readonly state: string; readonly parent: number } {
  const stat = read(pid, 'stat')
  const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { state, parent: Number(parent) }
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(code)) return ''
    throw error
  }
}
