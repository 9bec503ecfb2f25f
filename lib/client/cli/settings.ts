import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { SettingsError } from './usage.ts'

export interface Settings {
  readonly url: string
  readonly token: string
  /** For `run` and `lease create` when none is named. */
  readonly blueprint: string | undefined
}

/** Written by a running local stack, mode 600. */
const connectionFile = z.object({ url: z.url(), token: z.string().min(1), blueprint: z.string().optional() })

const PACKAGE_ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/**
 * Where the service is: flags, then environment, then the file of a local stack. Address and token come from the same
 * side: a token of yours is never sent to an address that some directory's file names.
 * @throws SettingsError
 */
export function readSettings(
  flags: { readonly url?: string | undefined; readonly token?: string | undefined },
  environment: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Settings {
  const url = flags.url ?? given(environment['DRYDOCK_URL'])
  const token = flags.token ?? given(environment['DRYDOCK_TOKEN'])
  const blueprint = given(environment['DRYDOCK_BLUEPRINT'])
  if (url !== undefined && token !== undefined) return { url: checked(url), token, blueprint }
  if (url !== undefined)
    throw new SettingsError('there is an address but no token: set DRYDOCK_TOKEN or --token')
  if (token !== undefined)
    throw new SettingsError('there is a token but no address: set DRYDOCK_URL or --url')
  for (const directory of [cwd, PACKAGE_ROOT]) {
    const found = readConnection(join(directory, '.drydock', 'local.json'))
    if (found) return { url: found.url, token: found.token, blueprint: blueprint ?? found.blueprint }
  }
  throw new SettingsError(
    'no service is known: set DRYDOCK_URL and DRYDOCK_TOKEN (or --url and --token), or start the local one with npm start',
  )
}

function readConnection(path: string): z.infer<typeof connectionFile> | undefined {
  const status = statSync(path, { throwIfNoEntry: false })
  if (status === undefined) return undefined
  if ((status.mode & 0o077) !== 0) {
    throw new SettingsError(`${path} can be read or written by others: it must have mode 600`)
  }
  const read = connectionFile.safeParse(parseJson(readFileSync(path, 'utf8')))
  if (!read.success) throw new SettingsError(`${path} is not a connection file`)
  return read.data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function checked(url: string): string {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new SettingsError(`'${url}' is not an address: it must begin with https:// or http://`)
  }
  return url
}

const given = (value: string | undefined) => (value === '' ? undefined : value)
