import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm'
import { expect, test } from 'vitest'
import { systemClock } from '../../../infra/local/stepfunctions/clock.ts'
import { startSsm } from '../../../infra/local/ssm/server.ts'
import type { Seeds } from '../../../infra/local/ssm/server.ts'

const at = Date.UTC(2026, 0, 1)

test('a parameter is read as it was put, with version, ARN and time', async () => {
  await using ssm = await running()
  const put = await ssm.client.send(new PutParameterCommand({ Name: '/a/b', Value: 'v', Type: 'String' }))

  const { Parameter } = await ssm.client.send(new GetParameterCommand({ Name: '/a/b' }))

  expect({ Version: put.Version, Tier: put.Tier }).toEqual({ Version: 1, Tier: 'Standard' })
  expect(Parameter).toEqual({
    Name: '/a/b',
    Type: 'String',
    Value: 'v',
    Version: 1,
    LastModifiedDate: new Date(at),
    ARN: 'arn:aws:ssm:eu-west-1:111122223333:parameter/a/b',
    DataType: 'text',
  })
})

test('a secure parameter shows its value only to who asks for decryption', async () => {
  await using ssm = await running({ '/key': { value: 'secret', type: 'SecureString' } })

  const [hidden, shown] = await Promise.all(
    [false, true].map((WithDecryption) =>
      ssm.client.send(new GetParameterCommand({ Name: '/key', WithDecryption })),
    ),
  )

  expect(hidden?.Parameter?.Value).not.toContain('secret')
  expect(shown?.Parameter).toMatchObject({ Value: 'secret', Type: 'SecureString' })
})

test('putting again needs Overwrite and makes a new version; old ones stay readable', async () => {
  await using ssm = await running({ '/a': { value: 'one', type: 'String' } })

  const again = ssm.client.send(new PutParameterCommand({ Name: '/a', Value: 'two', Type: 'String' }))
  await expect(again).rejects.toMatchObject({ name: 'ParameterAlreadyExists' })
  const put = await ssm.client.send(new PutParameterCommand({ Name: '/a', Value: 'two', Overwrite: true }))
  const values = await Promise.all(
    ['/a', '/a:1', '/a:2'].map(
      async (Name) => (await ssm.client.send(new GetParameterCommand({ Name }))).Parameter?.Value,
    ),
  )

  expect(put.Version).toBe(2)
  expect(values).toEqual(['two', 'one', 'two'])
})

test('what is deleted or was never there is not found', async () => {
  await using ssm = await running({ '/a': { value: 'one', type: 'String' } })
  await ssm.client.send(new DeleteParameterCommand({ Name: '/a' }))

  const asked = [
    ssm.client.send(new GetParameterCommand({ Name: '/a' })),
    ssm.client.send(new GetParameterCommand({ Name: '/b:1' })),
    ssm.client.send(new DeleteParameterCommand({ Name: '/a' })),
  ]
  const outcomes = await Promise.allSettled(asked)

  expect(outcomes).toEqual(
    asked.map(() => ({ status: 'rejected', reason: expect.objectContaining({ name: 'ParameterNotFound' }) })),
  )
})

test('several are read at once, and the missing are named', async () => {
  await using ssm = await running({ '/a': { value: '1', type: 'String' }, b: { value: '2', type: 'String' } })

  const { Parameters, InvalidParameters } = await ssm.client.send(
    new GetParametersCommand({ Names: ['/a', 'b', '/c'] }),
  )

  expect(Parameters?.map(({ Value }) => Value)).toEqual(['1', '2'])
  expect(InvalidParameters).toEqual(['/c'])
})

test('a path lists what is directly below it, in pages, or everything when recursive', async () => {
  const seed = { value: 'x', type: 'String' } as const
  await using ssm = await running({ '/app/a': seed, '/app/b': seed, '/app/deep/c': seed, '/apple': seed })
  const list = async (input: object) => {
    const names: (string | undefined)[] = []
    let token: string | undefined
    do {
      const page = await ssm.client.send(
        new GetParametersByPathCommand({
          Path: '/app',
          MaxResults: 1,
          ...(token && { NextToken: token }),
          ...input,
        }),
      )
      names.push(...(page.Parameters ?? []).map(({ Name }) => Name))
      token = page.NextToken
    } while (token)
    return names
  }

  const listed = [await list({}), await list({ Recursive: true })]

  expect(listed).toEqual([
    ['/app/a', '/app/b'],
    ['/app/a', '/app/b', '/app/deep/c'],
  ])
})

test.each([
  ['a name with a space', { Name: '/a b', Value: 'v', Type: 'String' }],
  ['a reserved name', { Name: '/aws/x', Value: 'v', Type: 'String' }],
  ['no type for a new parameter', { Name: '/a', Value: 'v' }],
  ['a value that is too long', { Name: '/a', Value: 'v'.repeat(4_097), Type: 'String' }],
] as const)('refuses %s', async (_, input) => {
  await using ssm = await running()

  const put = ssm.client.send(new PutParameterCommand(input))

  await expect(put).rejects.toMatchObject({ name: 'ValidationException' })
})

test('with a file parameters survive, only their owner reads it, and seeds do not overwrite', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'parameters-'))
  const file = join(directory, 'parameters.json')
  try {
    {
      await using first = await running({ '/a': { value: 'seed', type: 'String' } }, file)
      await first.client.send(new PutParameterCommand({ Name: '/a', Value: 'mine', Overwrite: true }))
    }

    await using second = await running({ '/a': { value: 'seed', type: 'String' } }, file)
    const { Parameter } = await second.client.send(new GetParameterCommand({ Name: '/a' }))

    expect(Parameter).toMatchObject({ Value: 'mine', Version: 2 })
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600')
  } finally {
    rmSync(directory, { recursive: true })
  }
})

async function running(seeds: Seeds = {}, file?: string) {
  const place = { region: 'eu-west-1', account: '111122223333' }
  const service = await startSsm({
    place,
    file,
    seeds,
    clock: { now: () => at, after: systemClock.after },
    onLog: () => {},
  })
  const client = new SSMClient({
    endpoint: service.endpoint,
    region: place.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  })
  return {
    client,
    async [Symbol.asyncDispose]() {
      client.destroy()
      await service.close()
    },
  }
}
