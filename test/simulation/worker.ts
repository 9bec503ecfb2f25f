import { parentPort, workerData } from 'node:worker_threads'
import { profileOf } from './faults/profiles.ts'
import { runSeed } from './run.ts'
import type { ProfileName } from './watch.ts'
import { createWatch } from './checks/watch.ts'

/** What the main thread asks of a worker: every so manieth seed from the first one on. */
export interface Share {
  readonly first: number
  readonly end: number
  readonly step: number
  readonly profile?: ProfileName
}

const { first, end, step, profile } = workerData as Share

for (let seed = first; seed < end; seed += step) {
  parentPort?.postMessage(await runSeed({ seed, profile: profile ?? profileOf(seed), createWatch }), [])
}
