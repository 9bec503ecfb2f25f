import type { Item } from '../../lib/app/ports/table.ts'
import { violations } from '../support/invariants.ts'
import { unlike, unrest } from './ending.ts'
import { PROFILES } from './faults/profiles.ts'
import { randomStream } from './kernel/random.ts'
import { textIn } from './checks/entity.ts'
import { beginSickness, beginTroubles } from './scenarios/troubles.ts'
import type { Wish } from './scenarios/behaviour.ts'
import { runClient } from './scenarios/client.ts'
import type { Tally } from './scenarios/client.ts'
import { createCoincidences } from './scenarios/coincidences.ts'
import { fateOf } from './scenarios/commits.ts'
import { drawCatalogue, install } from './scenarios/installation.ts'
import { createOperators } from './scenarios/operators.ts'
import { createStatuses } from './scenarios/statuses.ts'
import { ACTIVE, drawDay } from './scenarios/wishes.ts'
import type { Simulation } from './simulation.ts'
import { openSimulation, START } from './simulation.ts'
import type { CreateWatch, ProfileName } from './watch.ts'

export interface RunOptions {
  readonly seed: number
  readonly profile: ProfileName
  readonly createWatch: CreateWatch
  readonly log?: 'lines' | 'digest' | 'nothing'
}

export interface RunResult {
  readonly seed: number
  readonly profile: ProfileName
  readonly violations: readonly string[]
  /** What happened, counted by its words. */
  readonly counts: Readonly<Record<string, number>>
  readonly faults: Readonly<Record<string, number>>
  /** What the rules had to judge. */
  readonly judged: Readonly<Record<string, number>>
  readonly lines: readonly string[]
  readonly digest: string
}

const MINUTE = 60_000
/** Faults end with the arrivals, a little later. */
const TROUBLED = ACTIVE + MINUTE
/** By then whatever has begun must have ended: the longest wait, three tries, the longest hold and the cleaning. */
const LONGEST = TROUBLED + 60 * MINUTE
/** Sweeps after everything has ended. */
const AFTER = 3 * MINUTE

/** One installation, from its first configuration to the end of its last lease, judged. */
export async function runSeed({ seed, profile: name, createWatch, log }: RunOptions): Promise<RunResult> {
  const profile = PROFILES[name]
  const calmFrom = name === 'calm' ? 0 : START + TROUBLED
  const watch = createWatch({ seed, profile: name, calmFrom, skew: profile.skew })
  const statuses = createStatuses()
  const tally: Tally = {}
  const simulation = openSimulation({
    seed,
    profile,
    pace: { most: randomStream(seed, 'pace').pick([20, 20, 150]), stragglers: 0.02, longest: 700 },
    faultsUntil: TROUBLED,
    watch,
    fateOf,
    committed: (event) => {
      statuses.committed(event)
      coincidences.committed(event)
    },
    read: (event) => coincidences.read(event),
    ...(log === undefined ? {} : { log }),
  })
  const { kernel, schedule, functions, service } = simulation
  const random = randomStream(seed, 'scenario')
  const catalogue = drawCatalogue(random)
  const { wishes, next } = drawDay(random, catalogue)
  let clients = wishes.length
  let jobs = 0

  /** A client lives its life; whoever begins it has counted it. */
  function beginClient(wish: Wish): void {
    const number = (jobs += 1)
    const client = runClient(
      { simulation, random: randomStream(seed, `client ${number}`), statuses, tally },
      wish,
      `job ${seed}/${number}`,
    )
    client.then(
      () => (clients -= 1),
      (error: unknown) => simulation.report(`client ${number}: ${String(error)}`),
    )
  }

  let lastArrival = 0
  const operators = createOperators({ simulation, random: randomStream(seed, 'operators'), catalogue, tally })
  const coincidences = createCoincidences({
    simulation,
    random: randomStream(seed, 'coincidences'),
    going: () => kernel.now() < lastArrival,
    next,
    begin: (wish) => {
      clients += 1
      beginClient(wish)
    },
    remove: (host) => operators.remove(host),
    count: (what) => {
      tally[what] = (tally[what] ?? 0) + 1
    },
  })

  schedule.begin()
  await install(simulation, catalogue)
  lastArrival = kernel.now() + ACTIVE
  for (const wish of wishes) kernel.after(wish.at, () => beginClient(wish))
  operators.begin(lastArrival)
  beginTroubles(simulation, randomStream(seed, 'troubles'), catalogue, START + TROUBLED)
  beginSickness(simulation, randomStream(seed, 'sickness'), catalogue, START + TROUBLED)

  await kernel.run(START + TROUBLED)
  let settled = false
  void operators.settle().then(() => (settled = true))
  const atRest = () =>
    settled &&
    clients === 0 &&
    statuses.living() === 0 &&
    functions.running() === 0 &&
    service.running().length === 0
  await kernel.run(START + LONGEST, atRest)
  if (!atRest()) simulation.report(`not at rest an hour after the last fault: ${unrest(simulation, clients)}`)
  await kernel.run(kernel.now() + AFTER)
  schedule.stop()
  // The last sweep may have had somebody begin, such as to remove copies whose time was over.
  await kernel.run(kernel.now() + MINUTE, () => functions.running() === 0 && service.running().length === 0)

  const items = simulation.items()
  const found = [
    ...simulation.broken(),
    ...violations(items),
    ...unlike(operators.wanted(), items),
    ...watch.verdict({
      seed,
      profile: name,
      calmFrom,
      skew: profile.skew,
      items,
      at: kernel.now(),
      sweeps: schedule.sweeps(),
    }),
  ]
  return {
    seed,
    profile: name,
    violations: [...new Set(found)],
    counts: { runs: 1, events: kernel.events(), ...tally, ...countsOf(simulation, items) },
    judged: watch.counts?.() ?? {},
    faults: simulation.outside.faults.counts(),
    lines: simulation.log.lines(),
    digest: simulation.log.digest(),
  }
}

function countsOf(simulation: Simulation, items: readonly Item[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  const add = (what: string, more: number) => {
    counts[what] = (counts[what] ?? 0) + more
  }
  for (const [name, number] of Object.entries(simulation.functions.counts())) add(`invoked ${name}`, number)
  for (const [name, number] of Object.entries(simulation.functions.deaths())) add(name, number)
  for (const [name, number] of Object.entries(simulation.service.transitions()))
    add(`transitions of ${name}`, number)
  for (const [name, number] of Object.entries(simulation.service.ended())) add(`execution ${name}`, number)
  for (const [name, number] of Object.entries(simulation.warnings())) add(`warning: ${name}`, number)
  for (const item of items) {
    if (item.PK.startsWith('L#') && item.SK.startsWith('EV#')) {
      add(`lease ${textIn(item, 'type')}`, 1)
      if (textIn(item, 'cause').startsWith('handed over')) add('leases handed over', 1)
      if (item['actor'] === 'repair') add(`repair: ${textIn(item, 'type')}`, 1)
    }
    if (item.PK.startsWith('L#') && item['status'] === 'destroyed') add(`ended: ${textIn(item, 'reason')}`, 1)
  }
  for (const { whole } of simulation.schedule.sweeps()) add(whole ? 'sweeps, whole' : 'sweeps, disturbed', 1)
  return counts
}
