import process from 'node:process'
import { argumentsOf, alive, environmentOf, mentioning } from '../../features/support/observe.ts'

/** Processes in which a function of that stack runs; nobody else's processes know where its table is. */
export function workersOf(dynamodb: string, functionName: string): readonly number[] {
  const wanted = [`AWS_ENDPOINT_URL_DYNAMODB=${dynamodb}`, `AWS_LAMBDA_FUNCTION_NAME=${functionName}`]
  return mentioning(wanted[0] ?? '').filter((pid) => {
    const environment = environmentOf(pid)
    // The watcher beside it is a shell with the same environment.
    return wanted.every((entry) => environment.includes(entry)) && isNode(pid) && alive(pid)
  })
}

const isNode = (pid: number): boolean => argumentsOf(pid)[0] === process.execPath

/** False where it had ended by itself. */
export function killNow(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL')
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    return false
  }
}
