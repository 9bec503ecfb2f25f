import type { BuildRequest } from '../../contract/build.ts'
import { buildRequest } from '../../contract/build.ts'
import type { Context, Values } from './command.ts'
import { variable } from './command-flags.ts'
import { whole } from './parse.ts'
import { UsageError } from './usage.ts'

/** What `build` asks for, over what its document says. */
export const BUILD_FLAGS = {
  repository: { type: 'string', value: 'NAME', about: 'a registered repository' },
  commit: {
    type: 'string',
    value: 'COMMIT',
    about: 'commit id, branch, tag or ref; default: the default branch',
  },
  blueprint: { type: 'string', value: 'NAME', about: 'of working copies (or DRYDOCK_BLUEPRINT)' },
  step: {
    type: 'string',
    multiple: true,
    value: 'SCRIPT',
    about: 'a step, run by sh -e; after those of the document',
  },
  env: {
    type: 'string',
    multiple: true,
    value: 'NAME=VALUE',
    about: 'for every step; NAME alone takes yours',
  },
  priority: { type: 'string', value: 'N', about: '-10 to 10; one step is worth ten minutes of waiting' },
  wait: { type: 'string', value: 'SECONDS', about: 'longest wait for a slot' },
  retries: { type: 'string', value: 'N', about: 'begin anew so often when the lease is lost' },
  note: { type: 'string', value: 'TEXT', about: 'shown to operators, e.g. the link of the CI job' },
  detach: { type: 'boolean', about: 'only ask for it and print it' },
} as const

/** The document's request with what the flags say in its place. @throws UsageError, DocumentError, SettingsError */
export async function buildRequestOf(
  values: Values<typeof BUILD_FLAGS>,
  file: string | undefined,
  { environment, settings }: Pick<Context, 'environment' | 'settings'>,
): Promise<BuildRequest> {
  const document = file === undefined ? {} : await requestIn(file)
  const blueprint = values.blueprint ?? document.blueprint ?? settings().blueprint
  const given = {
    repository: values.repository,
    commit: values.commit,
    blueprint: document.type === undefined ? blueprint : values.blueprint,
    priority: whole('priority', values.priority),
    waitSeconds: whole('wait', values.wait),
    retries: whole('retries', values.retries),
    note: values.note,
  }
  const own = (values.env ?? []).map((entry) => variable(entry, environment))
  const request = {
    ...document,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    environment: { ...document.environment, ...Object.fromEntries(own) },
    steps: [...(document.steps ?? []), ...(values.step ?? []).map((script) => ({ script }))],
  }
  if (request.steps.length === 0) throw new UsageError('there is no step: name a document, or a --step')
  const read = buildRequest.safeParse(request)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new UsageError(`the build: ${issue?.path.join('.')}: ${issue?.message}`)
}

/** What the document leaves out may come from flags. */
const part = buildRequest.partial()

async function requestIn(file: string) {
  // Only who names a document pays for loading YAML.
  const { readDocument } = await import('./document.ts')
  return readDocument(file, part)
}
