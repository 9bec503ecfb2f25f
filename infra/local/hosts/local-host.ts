import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A machine that only exists as a directory of this one, and how the configuration says that it is reached. */
export interface LocalHost {
  readonly name: string
  /** Absolute, without links. */
  readonly directory: string
  readonly reach: LocalReach
}

export type LocalReach =
  | {
      readonly transport: 'ssh'
      readonly address: string
      readonly port: number
      readonly user: string
      readonly hostKey: string
    }
  | { readonly transport: 'ssm'; readonly instance: string }

/** Put into the environment of every process that a host starts, so that they can be found again. */
export interface Marker {
  readonly name: string
  readonly value: string
}

/** What an operator would set up on a real host: the file that jobs get their environment from, and what a login gets. */
export function markHost(directory: string, marker: Marker | undefined): Readonly<Record<string, string>> {
  if (!marker) return {}
  writeFileSync(join(directory, 'environment'), `${marker.name}=${marker.value}\n`)
  return { [marker.name]: marker.value }
}
