import { execFile } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cached } from './cache.ts'
import { fingerprint } from './fingerprint.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const inputs = ['infra', 'functions', 'lib', 'cdk.json', 'package-lock.json']
/** Runs from its sources and is no part of what is deployed. */
const except = ['infra/local']

/**
 * The synthesized app as it is deployed by default, for one machine: made anew, in a process of its own, when a source has changed;
 * otherwise known within some milliseconds.
 *
 * @returns the assembly's directory (`manifest.json`, templates, bundles); it stays while stacks are likely to use it.
 * @throws Error with what the synthesis said.
 */
export async function ensureAssembly(): Promise<string> {
  return cached(join(root, '.drydock/assemblies'), fingerprint(root, inputs, except), synthesize)
}

async function synthesize(directory: string): Promise<void> {
  const environment = {
    ...process.env,
    CDK_OUTDIR: directory,
    // The one difference: where it runs there is no console to link to.
    CDK_CONTEXT_JSON: JSON.stringify({ consoleLinks: false }),
    // CDK's own check of the templates is for deployments and takes longer than everything else.
    CDK_VALIDATION: 'false',
    NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node'),
  }
  try {
    await promisify(execFile)(process.execPath, [join(root, 'infra/app.ts')], { cwd: root, env: environment })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`The app cannot be synthesized:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error })
  }
}
