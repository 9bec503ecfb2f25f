import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App, Validations } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { AwsSolutionsChecks } from 'cdk-nag'
import configuration from '../../../cdk.json' with { type: 'json' }
import { DataStack } from '../../../infra/data-stack.ts'
import { loadAssembly } from '../../../infra/local/assembly/load.ts'
import type { Assembly } from '../../../infra/local/assembly/types.ts'
import { ServiceStack } from '../../../infra/service-stack.ts'

export interface Synthesized {
  readonly data: Template
  readonly service: Template
  /** The same with every reference resolved. */
  readonly assembly: Assembly
}

export const place = { region: 'eu-west-1', account: '123456789012' }

/** The app as it is deployed, with another code in its functions; nothing of it stays on disk. */
export function synthesized(
  options: {
    throwaway?: boolean
    consoleLinks?: boolean
    pollConcurrency?: number
    alarmTopicArn?: string
    nag?: boolean
  } = {},
): Synthesized {
  const { throwaway = false, consoleLinks = true, pollConcurrency = 50, alarmTopicArn, nag = false } = options
  const directory = mkdtempSync(join(tmpdir(), 'drydock-infra-'))
  try {
    const app = new App({
      context: configuration.context,
      outdir: join(directory, 'out'),
      builtinCloudFormationValidation: false,
    })
    if (nag) Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
    const code = Code.fromAsset(codeIn(directory))
    const data = new DataStack(app, 'DrydockData', { throwaway })
    const service = new ServiceStack(app, 'Drydock', {
      table: data.table,
      code: () => code,
      pollConcurrency,
      consoleLinks,
      ...(alarmTopicArn !== undefined && { alarmTopicArn }),
    })
    app.synth()
    return {
      data: Template.fromStack(data),
      service: Template.fromStack(service),
      assembly: loadAssembly(join(directory, 'out'), place),
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function codeIn(directory: string): string {
  const code = mkdtempSync(join(directory, 'code-'))
  writeFileSync(join(code, 'index.cjs'), 'exports.handler = async () => {}')
  return code
}
