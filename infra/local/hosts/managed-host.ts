import { createHash } from 'node:crypto'
import { mkdirSync, realpathSync } from 'node:fs'
import process from 'node:process'
import type { ManagedNode } from '../ssm/commands/agent.ts'
import { type LocalHost, markHost, type Marker } from './local-host.ts'

export interface ManagedHost extends LocalHost {
  /** As Systems Manager knows it. */
  readonly node: ManagedNode
}

/** A host that an agent runs on: it is named by its own name, so that it is the same after a restart. */
export function prepareManagedHost(options: {
  readonly name: string
  /** Made where it is missing. */
  readonly directory: string
  readonly marker?: Marker
}): ManagedHost {
  const { name } = options
  mkdirSync(options.directory, { recursive: true, mode: 0o700 })
  const directory = realpathSync(options.directory)
  const instanceId = `mi-${createHash('sha256').update(name).digest('hex').slice(0, 17)}`
  const environment = {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    ...markHost(directory, options.marker),
  }
  return {
    name,
    directory,
    reach: { transport: 'ssm', instance: instanceId },
    node: { instanceId, name, directory, environment },
  }
}
