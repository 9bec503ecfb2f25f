import process from 'node:process'

/** How often it is looked whether the process that started this one is still there, milliseconds. */
const LOOK = 500

/**
 * Resolves when this process was asked to stop, or when the one that started it is gone (killed, even): a stack that
 * nobody can reach with Ctrl-C any more must not stay. A second request ends it at once.
 */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const ask = () => {
      if (asked) process.exit(130)
      asked = true
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask)
    const parent = process.ppid
    const look = setInterval(() => {
      if (process.ppid === parent) return
      clearInterval(look)
      if (!asked) ask()
    }, LOOK)
    look.unref()
  })
}
