import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Starts one of the scripts in parents/ and answers with it and the pid that it printed. */
export async function startParent(
  name: string,
  ...args: string[]
): Promise<{ parent: ChildProcess; pid: number } & AsyncDisposable> {
  const script = fileURLToPath(new URL(`parents/${name}.ts`, import.meta.url))
  const parent = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = (await once(parent.stdout, 'data')) as [Buffer]
  const end = async (): Promise<void> => {
    if (parent.exitCode !== null || parent.signalCode !== null) return
    parent.kill('SIGKILL')
    await once(parent, 'exit')
  }
  return { parent, pid: Number(said.toString().trim()), [Symbol.asyncDispose]: end }
}
