import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/** CommonJS knows no `import.meta`; a source that looks for its files beside itself finds them beside its bundle. */
const ownUrl = "const __bundleUrl = require('node:url').pathToFileURL(__filename).href"

export interface BundleRequest {
  /** Source tree that the other paths are relative to. */
  readonly root: string
  /** Function name -> its entry file, which exports `handler`. */
  readonly entries: Readonly<Record<string, string>>
  /** Where each function gets a directory of its own, with `index.cjs`. */
  readonly directory: string
  /** Source file -> directory that it reads at run time: copied, under its last name, beside every bundle with that source. */
  readonly companions: Readonly<Record<string, string>>
}

/**
 * Bundles all functions in one pass, with everything that they import (the AWS SDK too, so that what was tested is what
 * runs).
 *
 * @throws Error that names the entry files that do not exist, or what esbuild says.
 */
export async function bundle({ root, entries, directory, companions }: BundleRequest): Promise<void> {
  const missing = Object.values(entries).filter((path) => !existsSync(join(root, path)))
  if (missing.length > 0) throw new Error(`functions without an entry file: ${missing.join(', ')}`)

  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(Object.entries(entries).map(([name, path]) => [`${name}/index`, path])),
    outdir: directory,
    // An assembly may lie below a package.json that says "module".
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    // ssh2 requires its parts at run time, which only CommonJS can.
    format: 'cjs',
    mainFields: ['module', 'main'],
    // Native accelerators of ssh2, which does without them.
    external: ['cpu-features', '*.node'],
    define: { 'import.meta.dirname': '__dirname', 'import.meta.url': '__bundleUrl' },
    banner: { js: ownUrl },
    minify: true,
    // Errors are matched by name, and read in logs.
    keepNames: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
    logOverride: { 'empty-import-meta': 'error' },
  })

  for (const [name, entry] of Object.entries(entries)) {
    const output = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint === entry)
    for (const [source, companion] of Object.entries(companions)) {
      if (output && source in output.inputs) copyBeside(companion, name)
    }
  }

  function copyBeside(companion: string, name: string): void {
    const target = companion.slice(companion.lastIndexOf('/') + 1)
    cpSync(join(root, companion), join(directory, name, target), { recursive: true })
  }
}
