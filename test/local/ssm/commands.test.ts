import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  GetParameterCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm'
import { expect, onTestFinished, test } from 'vitest'
import { readDocument } from '../../../infra/local/ssm/commands/document.ts'
import { startSsm } from '../../../infra/local/ssm/server.ts'
import { systemClock } from '../../../infra/local/stepfunctions/clock.ts'
import { alive, eventually, mentioning } from '../../features/support/observe.ts'

const instance = 'i-0123456789abcdef0'
const document = (runCommand: readonly string[], timeoutSeconds = 60) => ({
  schemaVersion: '2.2',
  parameters: { word: { type: 'String', allowedPattern: '^[a-z]*$', maxChars: 9, default: 'nothing' } },
  mainSteps: [{ action: 'aws:runShellScript', name: 'step', inputs: { runCommand, timeoutSeconds } }],
})

/** A service with one node and one document, and a way to run that to its end. */
async function open(lines: readonly string[], { timeoutSeconds = 60 } = {}) {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'drydock-node-')))
  const PATH = process.env['PATH'] ?? '/usr/bin:/bin'
  const service = await startSsm({
    place: { region: 'eu-west-1', account: '123456789012' },
    seeds: { '/a': { value: 'b', type: 'String' } },
    documents: [readDocument('doc', document(lines, timeoutSeconds))],
    nodes: [{ instanceId: instance, name: 'node', directory, environment: { PATH, NODE_MARK: directory } }],
    clock: systemClock,
    delays: { delivery: 0, visible: 0, result: 0 },
    onLog: (line) => console.error(line),
  })
  const client = new SSMClient({
    endpoint: service.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  })
  let open = true
  const close = async () => {
    if (!open) return
    open = false
    client.destroy()
    await service.close()
    rmSync(directory, { recursive: true, force: true })
  }
  onTestFinished(close)
  const send = async (more: object = {}) => {
    const { Command: command } = await client.send(
      new SendCommandCommand({ DocumentName: 'doc', InstanceIds: [instance], ...more }),
    )
    return command?.CommandId ?? ''
  }
  const look = async (CommandId: string) =>
    client.send(new GetCommandInvocationCommand({ CommandId, InstanceId: instance }))
  const finish = async (id: string) => {
    await eventually('the command ended', async () => {
      const { Status: status = '' } = await look(id)
      return !['Pending', 'InProgress', 'Cancelling'].includes(status)
    })
    return look(id)
  }
  return { service, client, directory, send, look, finish, close }
}

test('a document runs on its node with what it was given, in a directory of its own', async () => {
  const { send, finish, directory } = await open(['echo "{{ word }} {{word}}"; pwd', 'echo "$0" >&2; exit 3'])

  const ended = await finish(await send({ Parameters: { word: ['hello'] } }))

  const [said, place] = (ended.StandardOutputContent ?? '').split('\n')
  expect(ended).toMatchObject({
    InstanceId: instance,
    DocumentName: 'doc',
    PluginName: 'step',
    Status: 'Failed',
    StatusDetails: 'Failed',
    ResponseCode: 3,
  })
  expect(said).toBe('hello hello')
  expect(place?.startsWith(`${directory}/.ssm/`)).toBe(true)
  expect(ended.StandardErrorContent).toBe(`${place}/_script.sh\n`)
  expect(readdirSync(join(directory, '.ssm'))).toEqual([])
})

test('what takes no input and no environment of a login finds none', async () => {
  const { send, finish } = await open(['cat; env | cut -d= -f1 | sort | tr "\\n" " "'])

  const ended = await finish(await send())

  expect(ended.StandardOutputContent).toBe('NODE_MARK PATH PWD ')
})

test.each([
  ['a parameter with other characters', { Parameters: { word: ['$(id)'] } }, 'InvalidParameters'],
  ['a parameter that is too long', { Parameters: { word: ['abcdefghij'] } }, 'InvalidParameters'],
  ['a parameter that there is not', { Parameters: { other: ['a'] } }, 'InvalidParameters'],
  ['more than 64 KB', { Parameters: { word: ['a'.repeat(66_000)] } }, 'MaxDocumentSizeExceeded'],
  ['a document that there is not', { DocumentName: 'other' }, 'InvalidDocument'],
  ['a node that there is not', { InstanceIds: ['i-00000000000000000'] }, 'InvalidInstanceId'],
  ['a delivery timeout below 30 s', { TimeoutSeconds: 29 }, 'ValidationException'],
])('%s is refused by the name that clients know', async (_what, more, name) => {
  const { send } = await open(['true'])

  const sending = send(more)

  await expect(sending).rejects.toMatchObject({ name })
})

test('a script that takes longer than its step may is killed with what it started', async () => {
  const { send, finish, directory } = await open(['sleep 600 & sleep 600'], { timeoutSeconds: 1 })

  const ended = await finish(await send())

  expect(ended).toMatchObject({ Status: 'TimedOut', StatusDetails: 'ExecutionTimedOut' })
  expect(mentioning(directory).filter(alive)).toEqual([])
})

test('a cancelled command is killed; a cancel of what has ended changes nothing', async () => {
  const { client, send, look, finish } = await open(['[ {{ word }} != wait ] || sleep 600'])
  const [long, short] = [await send({ Parameters: { word: ['wait'] } }), await send()]
  await finish(short)
  await eventually('it runs', async () => (await look(long)).Status === 'InProgress')

  for (const CommandId of [long, short]) await client.send(new CancelCommandCommand({ CommandId }))
  const ended = [await finish(long), await finish(short)]

  expect(ended.map(({ Status }) => Status)).toEqual(['Cancelled', 'Success'])
})

test('a list of invocations holds 2,500 characters of each', async () => {
  const { client, send, finish } = await open(['seq 1 2000'])
  const id = await send()
  await finish(id)

  const listed = await client.send(new ListCommandInvocationsCommand({ CommandId: id, Details: true }))

  const [plugin] = listed.CommandInvocations?.[0]?.CommandPlugins ?? []
  expect(plugin).toMatchObject({ Name: 'step', Status: 'Success' })
  expect(plugin?.Output).toHaveLength(2_500)
})

test('five commands run on a node at once, and the sixth waits for one of them', async () => {
  const { send, finish, directory } = await open([
    'echo x >>../../began; until [ -e ../../go ]; do sleep 0.02; done; wc -l <../../began',
  ])
  const ids = await Promise.all(Array.from({ length: 6 }, async () => send()))
  const began = join(directory, 'began')
  await eventually('five run', () => existsSync(began) && readFileSync(began, 'utf8') === 'x\n'.repeat(5))

  writeFileSync(join(directory, 'go'), '')
  const ended = await Promise.all(ids.map(finish))

  const counts = ended.map(({ StandardOutputContent: text = '' }) => Number(text))
  expect([Math.min(...counts), Math.max(...counts)]).toEqual([5, 6])
})

test('a node that is offline says so, and gets what is still in time when it is back', async () => {
  const { service, client, send, look, finish } = await open(['true'])
  service.commands.setOnline(instance, false)
  const id = await send()

  const nodes = await client.send(new DescribeInstanceInformationCommand({}))
  const waiting = await look(id)
  service.commands.setOnline(instance, true)
  const ended = await finish(id)

  expect(nodes.InstanceInformationList).toMatchObject([
    { InstanceId: instance, PingStatus: 'ConnectionLost', PlatformType: 'Linux' },
  ])
  expect([waiting.Status, ended.Status]).toEqual(['Pending', 'Success'])
})

test('a service that is closed has killed what its nodes ran', async () => {
  const { send, look, close, directory } = await open(['sleep 600 & sleep 600'])
  const id = await send()
  await eventually('it runs', async () => (await look(id)).Status === 'InProgress')
  await eventually('both sleep', () => mentioning(directory).length > 2)

  await close()

  expect(mentioning(directory).filter(alive)).toEqual([])
})

test('commands and parameters are served at one address', async () => {
  const { client } = await open(['true'])

  const { Parameter: parameter } = await client.send(new GetParameterCommand({ Name: '/a' }))

  expect(parameter?.Value).toBe('b')
})

test.each([
  ['another schema', { ...document([]), schemaVersion: '1.2' }],
  ['two steps', { ...document([]), mainSteps: [...document([]).mainSteps, ...document([]).mainSteps] }],
  ['another action', { ...document([]), mainSteps: [{ action: 'aws:runPowerShellScript', name: 'step' }] }],
  ['a list as parameter', { ...document([]), parameters: { word: { type: 'StringList' } } }],
])('a document with %s is not understood here, and says so at the start', (_what, content) => {
  const reading = () => readDocument('doc', content)

  expect(reading).toThrow('document doc')
})
