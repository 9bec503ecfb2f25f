import process from 'node:process'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { PROFILE_NAMES, profileOf } from './faults/profiles.ts'
import { addTo, nothingYet, summary, told, trace } from './report.ts'
import type { RunResult } from './run.ts'
import { runSeed } from './run.ts'
import type { ProfileName } from './watch.ts'
import type { Share } from './worker.ts'
import { createWatch } from './checks/watch.ts'

const USAGE = `npm run simulate -- [--seeds 2000] [--from 1] [--profile ${PROFILE_NAMES.join('|')}] [--workers 2]
npm run simulate -- --seed N [--profile P] [--trace]`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    profile: { type: 'string' },
    workers: { type: 'string', default: '2' },
  },
})

const sums = nothingYet()
const started = performance.now()
const profile = PROFILE_NAMES.find((name) => name === values.profile)
if (values.profile !== undefined && !profile) fail(`There is no profile ${values.profile}.`)

if (values.seed === undefined)
  await runMany(whole(values.from), whole(values.seeds), whole(values.workers), profile)
else await runOne(whole(values.seed), profile)

console.log(summary(sums, (performance.now() - started) / 1_000))
process.exitCode = sums.failed.length > 0 ? 1 : 0

async function runOne(seed: number, wanted: ProfileName | undefined): Promise<void> {
  const log = values.trace ? 'lines' : 'nothing'
  const result = await runSeed({ seed, profile: wanted ?? profileOf(seed), createWatch, log })
  addTo(sums, result)
  if (values.trace) console.log(trace(result).join('\n'))
  if (result.violations.length > 0) console.log(told(result))
}

async function runMany(
  from: number,
  count: number,
  workers: number,
  wanted: ProfileName | undefined,
): Promise<void> {
  let done = 0
  const hear = (result: RunResult) => {
    addTo(sums, result)
    if (result.violations.length > 0) console.log(told(result))
    done += 1
    if (done % 200 === 0 && done < count) {
      const seconds = (performance.now() - started) / 1_000
      console.log(`${done} of ${count} seeds, ${(done / seconds).toFixed(1)} a second`)
    }
  }
  await Promise.all(
    Array.from({ length: workers }, (_, at) =>
      work(
        { first: from + at, end: from + count, step: workers, ...(wanted ? { profile: wanted } : {}) },
        hear,
      ),
    ),
  )
}

/** @throws what the worker threw */
function work(share: Share, hear: (result: RunResult) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: share })
    worker.on('message', hear)
    worker.on('error', reject)
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))))
  })
}

function whole(text: string): number {
  const number = Number(text)
  return Number.isInteger(number) && number > 0 ? number : fail(`${text} is no positive whole number.`)
}

function fail(message: string): never {
  console.error(`${message}\n\n${USAGE}`)
  process.exit(2)
}
