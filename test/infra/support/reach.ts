import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { environments } from '../../../lib/contract/environment.ts'

const EXECUTIONS = [
  'ensureLease',
  'ensureCommand',
  'ensureLanding',
  'ensureBuild',
  'cleanSlot',
  'probeHost',
  'awaken',
  'heartbeat',
] as const
const READS = ['get', 'getAll', 'query'] as const
const WRITES = ['put', 'update', 'delete', 'check'] as const
const COMMANDS = ['SendCommand', 'GetCommandInvocation'] as const

export interface Reach {
  readonly executions: readonly (typeof EXECUTIONS)[number][]
  readonly reads: readonly (typeof READS)[number][]
  readonly writes: readonly (typeof WRITES)[number][]
  readonly commands: readonly (typeof COMMANDS)[number][]
}

/**
 * What the code of each function can ask of the table, of Step Functions and of Run Command: the calls that are left once everything
 * that its entry does not reach is shaken off.
 */
export async function reaches(): Promise<ReadonlyMap<string, Reach>> {
  const names = Object.keys(environments)
  const { outputFiles } = await build({
    absWorkingDir: fileURLToPath(new URL('../../..', import.meta.url)),
    entryPoints: Object.fromEntries(names.map((name) => [name, `functions/${name}.ts`])),
    outdir: 'reach',
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
  })
  const code = new Map(outputFiles.map(({ path, text }) => [/([a-z-]+)\.js$/.exec(path)?.[1], text]))
  return new Map(names.map((name) => [name, reachOf(code.get(name) ?? '')]))
}

function reachOf(code: string): Reach {
  // A number is what the bundler tells two of one name apart by.
  const asks = (port: string) => (verb: string) => new RegExp(`\\b${port}\\d*\\.${verb}\\b`).test(code)
  return {
    executions: EXECUTIONS.filter(asks('executions')),
    reads: READS.filter(asks('table')),
    writes: WRITES.filter((kind) => code.includes(`kind: "${kind}"`)),
    commands: COMMANDS.filter((name) => code.includes(`new ${name}Command(`)),
  }
}
