import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

export type ParameterType = 'String' | 'StringList' | 'SecureString'

/** One version of a parameter. `modifiedAt` is epoch milliseconds. */
export interface StoredParameter {
  readonly type: ParameterType
  readonly value: string
  readonly version: number
  readonly modifiedAt: number
}

export interface ParameterStore {
  /** The newest version, or the one asked for. */
  get(name: string, version?: number): StoredParameter | undefined
  /** Adds a version and makes it durable before it answers. */
  put(name: string, parameter: Pick<StoredParameter, 'type' | 'value'>): StoredParameter
  /** False when there was nothing to delete. */
  delete(name: string): boolean
  /** In order. */
  names(): readonly string[]
}

/** The service keeps this many versions of a parameter. */
const versionsKept = 100

/** Keeps parameters in memory, and in `file` (mode 600: it holds secrets in the clear) where one is given. */
export function openStore({ file, now }: { file?: string | undefined; now: () => number }): ParameterStore {
  const versions = new Map<string, readonly StoredParameter[]>(file === undefined ? [] : readEntries(file))
  const change = (apply: () => void): void => {
    apply()
    if (file !== undefined) writeEntries(file, [...versions])
  }
  return {
    get: (name, version) =>
      version === undefined
        ? versions.get(name)?.at(-1)
        : versions.get(name)?.find((each) => each.version === version),
    put(name, { type, value }) {
      const earlier = versions.get(name) ?? []
      const stored = { type, value, version: (earlier.at(-1)?.version ?? 0) + 1, modifiedAt: now() }
      change(() => versions.set(name, [...earlier, stored].slice(-versionsKept)))
      return stored
    },
    delete(name) {
      const known = versions.has(name)
      if (known) change(() => versions.delete(name))
      return known
    },
    names: () => [...versions.keys()].toSorted(),
  }
}

type Entries = [string, readonly StoredParameter[]][]

function readEntries(file: string): Entries {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Entries) : []
}

/** A crash leaves the old file or the new one, never half of one. */
function writeEntries(file: string, entries: Entries): void {
  const next = `${file}.next`
  const descriptor = openSync(next, 'w', 0o600)
  try {
    writeFileSync(descriptor, JSON.stringify(entries))
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(next, file)
}
