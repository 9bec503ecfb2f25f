import { fileURLToPath } from 'node:url'
import { environments } from '../lib/contract/environment.ts'
import { bundle } from './bundle.ts'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Bundles every function of the contract into `<directory>/<name>`. @throws as `bundle` does */
export async function bundleFunctions(directory: string): Promise<void> {
  const names = Object.keys(environments)
  await bundle({
    root,
    directory,
    entries: Object.fromEntries(names.map((name) => [name, `functions/${name}.ts`])),
    // The host script is sent to hosts as it is, so it stays a file.
    companions: { 'lib/host/script.ts': 'lib/host/script' },
  })
}
