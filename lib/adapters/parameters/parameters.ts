import {
  GetParameterCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
} from '@aws-sdk/client-ssm'
import type { SSMClient } from '@aws-sdk/client-ssm'
import type { Clock } from '../../app/ports/ports.ts'

export interface ParameterStore {
  /** Decrypted; what was found, or that there was nothing, is remembered for five minutes. */
  find(name: string): Promise<string | undefined>
  /** As `find`. @throws Error where there is none */
  read(name: string): Promise<string>
  /** Makes it a SecureString with this value unless there is one; answers what it holds then. */
  create(name: string, value: string): Promise<string>
}

const MEMORY = 300_000
/** A parameter that exists may not be seen at once by whoever lost the race to make it. */
const LOOKS = 10
const PAUSE = 100

export function createParameterStore(
  client: Pick<SSMClient, 'send'>,
  clock: Pick<Clock, 'now' | 'sleep'>,
): ParameterStore {
  const known = new Map<string, { readonly value: Promise<string | undefined>; readonly until: number }>()

  function remember(name: string, value: Promise<string | undefined>): Promise<string | undefined> {
    const entry = { value, until: clock.now() + MEMORY }
    known.set(name, entry)
    value.catch(() => {
      if (known.get(name) === entry) known.delete(name)
    })
    return value
  }

  function find(name: string): Promise<string | undefined> {
    const entry = known.get(name)
    if (entry && clock.now() < entry.until) return entry.value
    return remember(name, fetchParameter(client, name))
  }

  return {
    find,
    read: async (name) => {
      const value = await find(name)
      if (value === undefined) throw new Error(`there is no parameter ${name}`)
      return value
    },
    create: async (name, value) => {
      if (await putNew(client, name, value)) {
        await remember(name, Promise.resolve(value))
        return value
      }
      for (let look = 1; look <= LOOKS; look++) {
        const found = await remember(name, fetchParameter(client, name))
        if (found !== undefined) return found
        await clock.sleep(PAUSE)
      }
      throw new Error(`parameter ${name} is said to exist and cannot be read`)
    },
  }
}

async function fetchParameter(client: Pick<SSMClient, 'send'>, name: string): Promise<string | undefined> {
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }))
    return Parameter?.Value
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined
    throw error
  }
}

async function putNew(client: Pick<SSMClient, 'send'>, name: string, value: string): Promise<boolean> {
  try {
    const input = { Name: name, Value: value, Type: 'SecureString', Overwrite: false } as const
    await client.send(new PutParameterCommand(input))
    return true
  } catch (error) {
    if (error instanceof ParameterAlreadyExists) return false
    throw error
  }
}
