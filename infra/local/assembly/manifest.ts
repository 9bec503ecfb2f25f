import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AssemblyError } from './json.ts'
import type { Json, JsonObject } from './json.ts'

/** The parts of a CloudFormation template that are read here. */
export interface Template {
  readonly Resources?: Readonly<Record<string, TemplateResource>>
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: Json }>>
  readonly Conditions?: JsonObject
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>
  readonly Outputs?: Readonly<Record<string, TemplateOutput>>
}

export interface TemplateResource {
  readonly Type: string
  readonly Condition?: string
  readonly Properties?: JsonObject
}

export interface TemplateOutput {
  readonly Value: Json
  readonly Condition?: string
  readonly Export?: { readonly Name: Json }
}

export interface AssemblyFiles {
  readonly stacks: readonly { readonly name: string; readonly template: Template }[]
  /** Object key in the assets bucket -> absolute path. */
  readonly assets: ReadonlyMap<string, string>
}

interface Manifest {
  readonly artifacts?: Readonly<Record<string, Artifact>>
}
interface Artifact {
  readonly type: string
  readonly properties?: {
    readonly templateFile?: string
    readonly stackName?: string
    readonly file?: string
    readonly directoryName?: string
  }
}
interface AssetManifest {
  readonly files?: Readonly<Record<string, FileAsset>>
}
interface FileAsset {
  readonly source?: { readonly path?: string }
  readonly destinations?: Readonly<Record<string, { readonly objectKey?: string }>>
}

/** Reads what `cdk synth` wrote, nested assemblies (stages) too. */
export function readAssembly(directory: string): AssemblyFiles {
  const path = join(directory, 'manifest.json')
  if (!existsSync(path)) {
    throw new AssemblyError(
      `${directory} holds no cloud assembly (manifest.json is missing): synthesize first`,
    )
  }
  const stacks: { name: string; template: Template }[] = []
  const assets = new Map<string, string>()
  const manifest = readJson(path) as Manifest
  for (const [id, { type, properties = {} }] of Object.entries(manifest.artifacts ?? {})) {
    if (type === 'aws:cloudformation:stack' && properties.templateFile) {
      const template = readJson(join(directory, properties.templateFile)) as Template
      stacks.push({ name: properties.stackName ?? id, template })
    } else if (type === 'cdk:asset-manifest' && properties.file) {
      readAssets(directory, properties.file, assets)
    } else if (type === 'cdk:cloud-assembly' && properties.directoryName) {
      const nested = readAssembly(join(directory, properties.directoryName))
      stacks.push(...nested.stacks)
      for (const [key, asset] of nested.assets) assets.set(key, asset)
    }
  }
  return { stacks, assets }
}

function readAssets(directory: string, file: string, assets: Map<string, string>): void {
  const { files = {} } = readJson(join(directory, file)) as AssetManifest
  for (const { source, destinations = {} } of Object.values(files)) {
    for (const { objectKey } of Object.values(destinations)) {
      if (objectKey && source?.path) assets.set(objectKey, join(directory, source.path))
    }
  }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new AssemblyError(`${path} cannot be read as JSON`, { cause: error })
  }
}
