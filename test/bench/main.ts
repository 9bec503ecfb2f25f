import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { load, nodeVersion, printed, readResults, writeResults, writeTables } from './report.ts'
import type { Measured } from './report.ts'
import type { Bench, Scenario } from './scenario.ts'
import { builds } from './scenarios/builds.ts'
import { bursts } from './scenarios/bursts.ts'
import { command } from './scenarios/command.ts'
import { costs } from './scenarios/costs.ts'
import { crowd } from './scenarios/crowd.ts'
import { fairShare } from './scenarios/fair-share.ts'
import { handOver } from './scenarios/hand-over.ts'
import { hostLease } from './scenarios/host-lease.ts'
import { overSsm } from './scenarios/over-ssm.ts'
import { requests } from './scenarios/requests.ts'
import { start } from './scenarios/start.ts'
import { waiting } from './scenarios/waiting.ts'
import { warmCheckout } from './scenarios/warm-checkout.ts'
import { workingCopy } from './scenarios/working-copy.ts'
import { openWorld } from './world.ts'
import type { World } from './world.ts'

const scenarios: Readonly<Record<string, Scenario>> = {
  a: start,
  b: hostLease,
  c: workingCopy,
  d: handOver,
  e: command,
  f: crowd,
  g: requests,
  h: bursts,
  i: waiting,
  j: fairShare,
  k: costs,
  l: overSsm,
  m: warmCheckout,
  n: builds,
}
const docs = fileURLToPath(new URL('../../docs', import.meta.url))
const HELP = `npm run bench [-- options]
  --only a,b   only these: ${Object.entries(scenarios)
    .map(([letter, { title }]) => `\n                 ${letter}  ${title}`)
    .join('')}
  --runs N     how often each thing is measured (default 30)
  --write      put the figures into docs/performance.json and docs/performance.md`

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(scenarios).join(',') },
    runs: { type: 'string', default: '30' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const letters = values.only.split(',')
const runs = Number(values.runs)
const strange = letters.filter((letter) => !scenarios[letter])
if (values.help || strange.length > 0 || !Number.isInteger(runs) || runs < 1) {
  console.log(HELP)
  process.exit(values.help ? 0 : 2)
}

let world: Promise<World> | undefined
const bench: Bench = { runs, world: () => (world ??= openWorld()) }
const measured: Record<string, Measured> = {}
try {
  for (const letter of letters) {
    const scenario = scenarios[letter]
    if (scenario) measured[letter] = await measure(scenario)
  }
} finally {
  await (await world)?.close()
}
if (values.write) {
  const file = join(docs, 'performance.json')
  const all = Object.fromEntries(
    Object.entries({ ...readResults(file), ...measured }).toSorted(([a], [b]) => a.localeCompare(b)),
  )
  writeResults(file, all)
  writeTables(join(docs, 'performance.md'), all)
}

async function measure({ title, how, run }: Scenario): Promise<Measured> {
  const before = load()
  const outcome = await run(bench)
  const result = {
    title,
    how,
    measuredAt: new Date().toISOString(),
    node: nodeVersion,
    load: { before, after: load() },
    ...('rows' in outcome ? outcome : { rows: outcome }),
  }
  console.log(printed(result))
  return result
}
