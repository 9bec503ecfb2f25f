import process from 'node:process'
import { seededFraction } from '../support/seeded.ts'
import { violationsOf } from './checks/verdict.ts'
import { hostScenarios } from './hosts.ts'
import { createKiller } from './kills/killer.ts'
import { landingScenario } from './landings/scenario.ts'
import { readOptions } from './options.ts'
import { openStack } from './race/open.ts'
import { race } from './race/race.ts'
import { restarts } from './restart/restart.ts'
import { linesOfRace, linesOfRestarts, shown } from './shown.ts'

/** Clients in so many forget their lease: 5 of 100. */
const FORGETFUL = 0.05
const SWEEP_EVERY = 10_000

const options = readOptions()
const { seed } = options
const pace = { sweepEvery: options.alone ? undefined : SWEEP_EVERY, lateAfter: undefined }
const broken: string[] = []

if (options.only.includes('race')) {
  const chosen = {
    seed,
    leases: options.leases.race,
    slots: options.slots.race,
    forgetful: FORGETFUL,
    ...pace,
  }
  const killer = createKiller(seededFraction(seed))
  console.log(`race: seed ${seed}, kills processes of ${killer.victims.join(', ')}`)
  const stack = await openStack(chosen.slots, killer.onInvoke)
  try {
    const found = await race(stack, killer, chosen)
    console.log(shown('A race with kills', linesOfRace(found, chosen)))
    broken.push(...violationsOf(found), ...found.executions.running.map((arn) => `execution ${arn} is left`))
  } finally {
    await stack.close()
  }
}

if (options.only.includes('restart')) {
  console.log(`restart: seed ${seed}`)
  const found = await restarts({
    seed,
    leases: options.leases.restart,
    slots: options.slots.restart,
    times: options.times ?? 20,
    lastAlone: true,
    ...pace,
    onTime: ({ kills, living, rest, repairs, verdict }) => {
      const how = kills.map(({ death, after }) => `${death} after ${after} ms`).join(', then ')
      const help = repairs.sweeps === 0 ? ', no sweep called' : ''
      const bad = violationsOf(verdict).length
      console.log(`  killed ${how}; ${living} leases alive; over after ${rest} ms${help}; ${bad} violations`)
    },
  })
  console.log(shown('Kills of the whole stack', [['seed', seed], ...linesOfRestarts(found)]))
  broken.push(...found.left, ...new Set(found.times.flatMap(({ verdict }) => violationsOf(verdict))))
}

if (options.only.includes('landings')) {
  console.log(`landings: seed ${seed}`)
  const found = await landingScenario({ seed, landings: options.times ?? 100, sweepEvery: SWEEP_EVERY })
  console.log(found.printed)
  broken.push(...found.broken)
}

for (const [name, scenario] of Object.entries(hostScenarios)) {
  if (!options.only.some((chosen) => chosen === name)) continue
  console.log(`${name}: seed ${seed}`)
  const found = await scenario({ seed, times: options.times })
  console.log(found.printed)
  broken.push(...found.broken)
}

for (const sentence of broken) console.error(`NOT ${sentence}`)
process.exit(broken.length > 0 ? 1 : 0)
