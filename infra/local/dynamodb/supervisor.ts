import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../processes/free-port.ts'
import { spawnTied, type TiedProcess } from '../processes/tied.ts'
import { callDynamoDb } from './wire.ts'

export type Supervised = {
  readonly endpoint: string
  /** The pid of the process that serves now. */
  readonly pid: () => number
  /** Ends the process orderly, and kills it when it does not within a second: its file survives that. */
  readonly close: () => Promise<void>
}

const startAttempts = 5
const readyDeadlineMilliseconds = 10_000

/**
 * Starts the emulator on a free loopback port over one database file, and resolves when it really answers.
 * When it dies it is started again on the same port and file; what was under way is lost, as with the service
 * a connection may be. Rejects when it cannot be started.
 */
export async function superviseDynoxide(
  binary: string,
  databaseFile: string,
  onLog: (line: string) => void,
): Promise<Supervised> {
  let closing = false
  let current = await startOnFreePort(binary, databaseFile, onLog)
  const { port, endpoint } = current

  const keepAlive = async (): Promise<void> => {
    for (;;) {
      const { code, signal } = await current.process.ended
      if (closing) return
      onLog(`DynamoDB emulator ended (${signal ?? code}): starting it again`)
      current = await insist(async () => start(binary, databaseFile, port, onLog))
    }
  }
  const supervision = keepAlive().catch((error: unknown) =>
    onLog(`DynamoDB emulator is gone: ${String(error)}`),
  )

  return {
    endpoint,
    pid: () => current.process.pid,
    async close() {
      closing = true
      await current.process.stop(1000)
      await supervision
      await current.process.kill()
    },
  }
}

type Started = { readonly process: TiedProcess; readonly port: number; readonly endpoint: string }

async function startOnFreePort(
  binary: string,
  file: string,
  onLog: (line: string) => void,
): Promise<Started> {
  return await insist(async () => start(binary, file, await freePort(), onLog))
}

/** A free port may be taken by somebody else before the emulator has it; a dead one's may still be in use. */
async function insist(action: () => Promise<Started>): Promise<Started> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await action()
    } catch (error) {
      if (attempt === startAttempts) throw error
      await delay(20 * 2 ** attempt)
    }
  }
}

async function start(
  binary: string,
  file: string,
  port: number,
  onLog: (line: string) => void,
): Promise<Started> {
  const endpoint = `http://127.0.0.1:${port}`
  const listening = Promise.withResolvers<void>()
  const process = spawnTied(binary, ['serve', '--port', String(port), '--db-path', file], {
    environment: {},
    onLine(line) {
      // Said only by the process that has the port: an answer alone could come from a stranger.
      if (line.includes('listening on')) listening.resolve()
      else if (line !== '') onLog(line)
    },
  })
  const failed = process.ended.then((exit): never => {
    throw new Error(`the DynamoDB emulator ended at start (${exit.signal ?? exit.code})`)
  })
  const giveUp = new AbortController()
  const late = delay(readyDeadlineMilliseconds, undefined, { signal: giveUp.signal }).then((): never => {
    throw new Error(`the DynamoDB emulator did not answer within ${readyDeadlineMilliseconds} ms`)
  })
  try {
    await Promise.race([listening.promise, failed, late])
    await Promise.race([answers(endpoint), failed, late])
    return { process, port, endpoint }
  } catch (error) {
    await process.kill()
    throw error
  } finally {
    giveUp.abort()
  }
}

async function answers(endpoint: string): Promise<void> {
  for (let answered = false; !answered;) {
    answered = await callDynamoDb(endpoint, 'ListTables', {}).then(
      () => true,
      async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ECONNREFUSED') throw error
        return await delay(1, false)
      },
    )
  }
}
