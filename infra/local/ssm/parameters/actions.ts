import { ServiceError } from '../../wire/json-service.ts'
import type { Action } from '../../wire/json-service.ts'
import type { ParameterStore, ParameterType, StoredParameter } from './store.ts'

const types: readonly string[] = ['String', 'StringList', 'SecureString']
const standardValueBytes = 4_096
const largestPage = 10

/** The part of Parameter Store's API that is kept here, by action name. */
export function parameterActions(
  store: ParameterStore,
  place: { readonly region: string; readonly account: string },
): Readonly<Record<string, Action>> {
  return {
    GetParameter(input) {
      const selected = select(text(input, 'Name'))
      if (!selected)
        throw new ServiceError('ParameterNotFound', `Parameter ${text(input, 'Name')} not found.`)
      return { Parameter: describe(selected, input) }
    },

    GetParameters(input) {
      const names = input['Names']
      if (!Array.isArray(names) || names.length === 0 || names.length > largestPage) {
        throw invalid(`Names needs 1 to ${largestPage} names.`)
      }
      const asked = names.map((name) => ({ name: String(name), selected: select(String(name)) }))
      return {
        Parameters: asked.flatMap(({ selected }) => (selected ? [describe(selected, input)] : [])),
        InvalidParameters: asked.flatMap(({ name, selected }) => (selected ? [] : [name])),
      }
    },

    GetParametersByPath(input) {
      const path = text(input, 'Path')
      if (!path.startsWith('/')) throw invalid('Path must begin with a slash.')
      const folder = path.endsWith('/') ? path : `${path}/`
      const after = input['NextToken'] === undefined ? '' : text(input, 'NextToken')
      const size = input['MaxResults'] === undefined ? largestPage : Number(input['MaxResults'])
      if (!Number.isInteger(size) || size < 1 || size > largestPage) {
        throw invalid(`MaxResults must be from 1 to ${largestPage}.`)
      }
      const below = store
        .names()
        .filter((name) => name.startsWith(folder) && name > after)
        .filter((name) => input['Recursive'] === true || !name.slice(folder.length).includes('/'))
      const page = below.slice(0, size)
      return {
        Parameters: page.flatMap((name) => {
          const selected = select(name)
          return selected ? [describe(selected, input)] : []
        }),
        ...(below.length > size && { NextToken: page.at(-1) }),
      }
    },

    PutParameter(input) {
      const name = text(input, 'Name')
      const value = text(input, 'Value')
      if (!/^[\w.\-/]+$/.test(name) || /^\/?(aws|ssm)/i.test(name)) throw invalid(`${name} is no valid name.`)
      if (value === '' || Buffer.byteLength(value) > standardValueBytes) {
        throw invalid(`Standard parameters hold 1 to ${standardValueBytes} bytes.`)
      }
      const known = store.get(name)
      if (known && input['Overwrite'] !== true) {
        throw new ServiceError(
          'ParameterAlreadyExists',
          'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
        )
      }
      const type = input['Type'] ?? known?.type
      if (typeof type !== 'string' || !types.includes(type))
        throw invalid(`Type must be one of ${types.join(', ')}.`)
      const { version } = store.put(name, { type: type as ParameterType, value })
      return { Version: version, Tier: 'Standard' }
    },

    DeleteParameter(input) {
      const name = text(input, 'Name')
      if (!store.delete(name)) throw new ServiceError('ParameterNotFound', `Parameter ${name} not found.`)
      return {}
    },
  }

  /** `name` or `name:version`; a whole ARN names a parameter too. */
  function select(reference: string): Selected | undefined {
    const [, path, selector] =
      /^(?:arn:aws:ssm:[^:]*:[^:]*:parameter)?([^:]+)(?::(\d+))?$/.exec(reference) ?? []
    if (path === undefined) return undefined
    const name = [path, path.slice(1)].find((each) => store.get(each)) ?? path
    const stored = store.get(name, selector === undefined ? undefined : Number(selector))
    return stored && { name, stored, ...(selector !== undefined && { selector: `:${selector}` }) }
  }

  function describe({ name, stored, selector }: Selected, input: Readonly<Record<string, unknown>>) {
    const hidden = stored.type === 'SecureString' && input['WithDecryption'] !== true
    return {
      Name: name,
      Type: stored.type,
      Value: hidden ? cipherText(name, stored) : stored.value,
      Version: stored.version,
      ...(selector !== undefined && { Selector: selector }),
      LastModifiedDate: stored.modifiedAt / 1_000,
      ARN: `arn:aws:ssm:${place.region}:${place.account}:parameter${name.startsWith('/') ? '' : '/'}${name}`,
      DataType: 'text',
    }
  }
}

interface Selected {
  readonly name: string
  readonly stored: StoredParameter
  readonly selector?: string
}

/** Opaque, as the service's is to whoever may not decrypt; made without the value so that it cannot give it away. */
function cipherText(name: string, { version }: StoredParameter): string {
  return Buffer.from(`encrypted ${name} ${version}`).toString('base64')
}

function text(input: Readonly<Record<string, unknown>>, field: string): string {
  const value = input[field]
  if (typeof value !== 'string') throw invalid(`${field} must be a text.`)
  return value
}

function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message)
}
