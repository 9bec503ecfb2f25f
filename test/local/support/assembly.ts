import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface FakeAssembly extends Disposable {
  readonly directory: string
}

/** Writes what `cdk synth` would: stack name -> template, and asset name -> file -> text. Removed at dispose. */
export function fakeAssembly(options: {
  stacks: Readonly<Record<string, object>>
  assets?: Readonly<Record<string, Readonly<Record<string, string>>>>
}): FakeAssembly {
  const directory = mkdtempSync(join(tmpdir(), 'assembly-'))
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  const artifacts: Record<string, object> = {
    assets: { type: 'cdk:asset-manifest', properties: { file: 'stack.assets.json' } },
  }
  const files: Record<string, object> = {}
  for (const [name, template] of Object.entries(options.stacks)) {
    put(`${name}.template.json`, JSON.stringify(template))
    artifacts[name] = {
      type: 'aws:cloudformation:stack',
      properties: { templateFile: `${name}.template.json` },
    }
  }
  for (const [name, contents] of Object.entries(options.assets ?? {})) {
    for (const [path, text] of Object.entries(contents)) put(`asset.${name}/${path}`, text)
    files[name] = {
      source: { path: `asset.${name}`, packaging: 'zip' },
      destinations: { here: { objectKey: `${name}.zip` } },
    }
  }
  put('stack.assets.json', JSON.stringify({ files }))
  put('manifest.json', JSON.stringify({ artifacts }))
  return { directory, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) }
}
