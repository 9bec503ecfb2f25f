import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Exit, spawnTied } from '../processes/tied.ts'
import type { FunctionDefinition } from './invocation.ts'
import type { WorkerSettings } from './worker.ts'

const ownRuntime = fileURLToPath(new URL('.', import.meta.url))

export type Launched = { readonly ended: Promise<Exit>; readonly kill: () => Promise<Exit> }

/**
 * Starts the process of a function against a Runtime API address. It sees only its code, its own scratch
 * directory and the environment that the service would give it: nothing of ours.
 */
export function launch(definition: FunctionDefinition, settings: WorkerSettings, address: string): Launched {
  const scratch = mkdtempSync(join(settings.scratchDirectory, `${definition.name}-`))
  const cache = join(settings.compileCacheDirectory, definition.name)
  mkdirSync(cache, { recursive: true })
  const code = realpathSync(definition.codeDirectory)
  const [command = process.execPath, ...args] =
    settings.runtime ??
    nodeCommand({ isolate: settings.isolateFiles, read: [ownRuntime, code], write: [scratch, cache] })
  const worker = spawnTied(command, [...args, definition.handler], {
    workingDirectory: code,
    environment: {
      ...serviceEnvironment(definition, scratch),
      ...settings.environment,
      ...definition.environment,
      NODE_COMPILE_CACHE: cache,
      LAMBDA_TASK_ROOT: code,
      AWS_LAMBDA_RUNTIME_API: address,
    },
    onLine: (line) => settings.onLog(definition.name, line),
  })
  const ended = worker.ended.then((exit) => {
    rmSync(scratch, { recursive: true, force: true })
    return exit
  })
  return { ended, kill: async () => worker.kill().then(() => ended) }
}

type NodeAccess = {
  readonly isolate: boolean
  readonly read: readonly string[]
  readonly write: readonly string[]
}

function nodeCommand({ isolate, read, write }: NodeAccess): string[] {
  const files = [
    '--permission',
    ...[...read, ...write].map((path) => `--allow-fs-read=${path}`),
    ...write.map((path) => `--allow-fs-write=${path}`),
  ]
  return [process.execPath, ...(isolate ? files : []), join(ownRuntime, 'bootstrap.mjs')]
}

function serviceEnvironment(definition: FunctionDefinition, scratch: string): Record<string, string> {
  const region = definition.arn.split(':')[3] ?? ''
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: scratch,
    TMPDIR: scratch,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: scratch.slice(scratch.lastIndexOf('-') + 1),
    _HANDLER: definition.handler,
  }
}
