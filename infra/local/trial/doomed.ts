import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

/**
 * A CI job in a process of its own that leases, says so, and is killed without a chance to release: what a cancelled
 * runner does. Answers the lease that it left behind.
 */
export async function loseJob(settings: {
  readonly url: string
  readonly token: string
  readonly blueprint: string
  readonly repository: string
  readonly commit: string
}): Promise<string> {
  const cli = fileURLToPath(new URL('../../../lib/client/cli/bin.mjs', import.meta.url))
  const { url, token, blueprint, repository, commit } = settings
  const asked = [
    '--blueprint',
    blueprint,
    '--repository',
    repository,
    '--commit',
    commit,
    '--ttl',
    '60',
    '--json',
  ]
  const child = spawn(
    process.execPath,
    [cli, 'run', ...asked, '--', 'sh', '-c', 'echo started; sleep 3600'],
    {
      env: { ...process.env, DRYDOCK_URL: url, DRYDOCK_TOKEN: token },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const leaseId = await leaseThatRuns(child.stdout)
  child.kill('SIGKILL')
  await once(child, 'exit')
  return leaseId
}

/** The lease named in the run's news, once its command has put out something. */
async function leaseThatRuns(news: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const part of news) {
    text += String(part)
    const id = /[0-9A-HJKMNP-TV-Z]{26}/.exec(text)?.[0]
    const started = Buffer.from('started\n').toString('base64')
    if (id !== undefined && text.includes(started)) return id
  }
  throw new Error(`the job ended by itself: ${text}`)
}
