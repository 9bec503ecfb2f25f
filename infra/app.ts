import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { App, Validations } from 'aws-cdk-lib'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { AwsSolutionsChecks } from 'cdk-nag'
import { z } from 'zod'
import configuration from '../cdk.json' with { type: 'json' }
import { bundleFunctions, root } from './bundle-functions.ts'
import { DataStack } from './data-stack.ts'
import { ServiceStack } from './service-stack.ts'

const bundles = mkdtempSync(join(tmpdir(), 'drydock-bundles-'))
try {
  await bundleFunctions(bundles)
  synthesize()
} finally {
  rmSync(bundles, { recursive: true })
}

function synthesize(): void {
  // The CLI passes the flags of cdk.json; without it they must be the same ones.
  const app = new App({
    context: configuration.context,
    outdir: process.env['CDK_OUTDIR'] ?? join(root, 'cdk.out'),
    autoSynth: false,
  })
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app, { verbose: true }))
  const { throwaway, pollConcurrency, consoleLinks, alarmTopicArn } = readContext(app)
  const data = new DataStack(app, 'DrydockData', { throwaway })
  new ServiceStack(app, 'Drydock', {
    table: data.table,
    code: (name) => Code.fromAsset(join(bundles, name)),
    pollConcurrency,
    consoleLinks,
    ...(alarmTopicArn !== undefined && { alarmTopicArn }),
  })
  app.synth()
}

/** `-c name=value` of the CLI gives texts, cdk.json gives values. */
function readContext(app: App) {
  const flag = z.union([z.boolean(), z.stringbool()])
  const shape = z.object({
    throwaway: flag.default(false),
    consoleLinks: flag.default(true),
    pollConcurrency: z.coerce.number().int().min(1).default(50),
    alarmTopicArn: z.string().startsWith('arn:').optional(),
  })
  const given = Object.keys(shape.shape).map((name) => [name, app.node.tryGetContext(name) as unknown])
  return shape.parse(Object.fromEntries(given))
}
