import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const tool = (name: string) => join(root, 'node_modules', '.bin', name)

/** Everything that a change must pass, in the order in which it fails fastest. */
const STEPS = [
  { name: 'format', run: [tool('oxfmt'), '--check', 'infra', 'functions', 'lib', 'test'] },
  { name: 'lint', run: [tool('oxlint'), '--type-aware', '--deny-warnings'] },
  { name: 'types', run: [tool('tsc'), '--noEmit'] },
  { name: 'API document', run: [join(root, 'lib/http/openapi.ts'), '--check'] },
  { name: 'dead code', run: [tool('knip')] },
  { name: 'synthesis with cdk-nag', run: [join(root, 'infra/app.ts')] },
  {
    name: 'tests with coverage',
    run: [tool('vitest'), 'run', '--config', 'test/vitest.config.ts', '--coverage'],
    test: true,
  },
]

const { values } = parseArgs({ options: { 'no-tests': { type: 'boolean', default: false } } })
const failed = STEPS.filter(({ test }) => !(test === true && values['no-tests'])).filter(({ name, run }) => {
  const began = performance.now()
  const { status } = spawnSync(process.execPath, run, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, CDK_OUTDIR: join(root, 'cdk.out') },
  })
  console.log(
    `${status === 0 ? 'ok    ' : 'FAILED'} ${name}, ${((performance.now() - began) / 1_000).toFixed(1)} s`,
  )
  return status !== 0
})
if (failed.length > 0) console.log(`\nfailed: ${failed.map(({ name }) => name).join(', ')}`)
process.exit(failed.length > 0 ? 1 : 0)
