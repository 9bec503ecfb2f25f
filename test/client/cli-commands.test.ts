import { expect, test } from 'vitest'
import { createClient } from '../../lib/client/api.ts'
import { leaveNothing, world } from './command-world.ts'

leaveNothing()

/** A lease that somebody holds, and its token. */
async function held() {
  const { api, start, run } = await world()
  const client = createClient({ url: api.url, token: 'api-token' })
  const { id, token } = await client.createLease({ body: { blueprint: 'linux' } })
  const environment = { DRYDOCK_LEASE_TOKEN: token, GREETING: 'hello', TOKEN: 's3cret' }
  const cli = (argv: readonly string[], input?: string) =>
    start(argv, input === undefined ? { environment } : { environment, input }).ended
  return { api, client, id, token, cli, run, start, environment }
}

test('a command in a lease that somebody holds passes output and exit code, and leaves the lease', async () => {
  const { client, id, cli } = await held()

  const { code, stdout } = await cli(['exec', id, '--', 'sh', '-c', 'printf "\\033[31mred\\033[0m"; exit 7'])

  const lease = await client.getLease({ id })
  expect([code, stdout.toString()]).toEqual([7, '\u001b[31mred\u001b[0m'])
  expect(lease.status).toBe('active')
})

test('standard input, variables and secrets come from the caller', async () => {
  const { api, id, cli } = await held()
  const flags = ['--stdin', '--env', 'GREETING', '--secret-env', 'TOKEN']

  const { stdout } = await cli(
    ['exec', id, ...flags, '--', 'sh', '-c', 'printf "$GREETING $TOKEN "; cat'],
    'input',
  )

  const asked = api.seen.find(({ name }) => name === 'runCommand')?.body
  expect(stdout.toString()).toBe('hello s3cret input')
  expect(asked).toMatchObject({ environment: { GREETING: 'hello' }, secretEnv: { TOKEN: 's3cret' } })
})

test.each([
  ['a secret on the command line', ['--secret-env', 'TOKEN=x'], 'takes a name'],
  ['a secret that is not there', ['--secret-env', 'NOWHERE'], 'there is no such variable'],
])('%s is no way to pass it', async (_, flags, says) => {
  const { id, cli } = await held()

  const { code, stderr } = await cli(['exec', id, ...flags, '--', 'true'])

  expect(code).toBe(125)
  expect(stderr).toContain(says)
})

test('Ctrl-C kills the command and leaves the lease', async () => {
  const { api, client, id, start, environment } = await held()
  const child = start(['exec', id, '--', 'sh', '-c', 'echo begun >&2; sleep 7200'], { environment })
  await child.says('begun')

  child.interrupt()
  const { code } = await child.ended

  const lease = await client.getLease({ id })
  expect(code).toBe(130)
  expect(api.programs().every((program) => program.ended())).toBe(true)
  expect(lease.status).toBe('active')
})

test('what a command has written is shown again, from any byte, with or without its end', async () => {
  const { id, cli } = await held()
  await cli(['exec', id, '--', 'sh', '-c', 'printf 0123456789'])

  const all = await cli(['logs', '-f', id, '1'])
  const some = await cli(['logs', id, '1', '--after', '4'])

  expect([all.code, all.stdout.toString()]).toEqual([0, '0123456789'])
  expect(some.stdout.toString()).toBe('456789')
})

test('a number that is none is a usage error', async () => {
  const { id, cli } = await held()

  const { code, stderr } = await cli(['logs', id, 'first'])

  expect(code).toBe(125)
  expect(stderr).toContain("'first' is no number of a command")
})
