import process from 'node:process'

/** How often it is looked whether the process that started this one is still there, milliseconds. */
const LOOK = 500
/** One Ctrl-C comes more than once: from the terminal itself and from each process that passes it on. Milliseconds. */
const ECHO = 1_000

/**
 * Resolves when this process was asked to stop, or when the one that started it is gone (killed, even): a stack that
 * nobody can reach with Ctrl-C any more must not stay. A second request ends it at once.
 */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let asked: number | undefined
    const ask = () => {
      if (asked !== undefined && performance.now() - asked > ECHO) process.exit(130)
      asked ??= performance.now()
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask)
    const parent = process.ppid
    const look = setInterval(() => {
      if (process.ppid === parent) return
      clearInterval(look)
      asked ??= performance.now()
      resolve()
    }, LOOK)
    look.unref()
  })
}
