import process from 'node:process'
import { parseArgs } from 'node:util'
import { openShellHost } from '../../support/hosts/shell.ts'
import { createScriptSubject } from './conformance/script-subject.ts'
import { tryAgainstModel } from './conformance/sequences.ts'
import { ACCIDENTS, type Subject } from './conformance/subject.ts'
import { explore } from './model/explore.ts'
import { REDUCED, WHOLE } from './model/settings.ts'

const USAGE = `node infra/local/run.mjs test/host/fencing/main.ts [--reduced] [--sequences 200 --seed 1]
Explores every state of the fencing protocol; --reduced only those that every test run explores.
--sequences sends so many random sequences to the host script instead, and compares.`

const { values } = parseArgs({
  options: {
    reduced: { type: 'boolean', default: false },
    sequences: { type: 'string' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(USAGE)
else if (values.sequences !== undefined) await compareAll(Number(values.sequences), Number(values.seed))
else {
  exploreAll('reduced', REDUCED)
  if (!values.reduced) exploreAll('whole', WHOLE)
}

function exploreAll(name: string, settings: typeof WHOLE): void {
  let [states, transitions] = [0, 0]
  const started = performance.now()
  for (const setting of settings) {
    const found = explore(setting)
    states += found.states
    transitions += found.transitions
    console.log(`  ${setting.name}: ${count(found.states)} states, ${count(found.transitions)} transitions`)
    if (!found.broken) continue
    console.log([`BROKEN: ${found.broken.rule}`, ...found.broken.story].join('\n    '))
    process.exitCode = 1
  }
  const seconds = ((performance.now() - started) / 1_000).toFixed(1)
  console.log(`${name}: ${count(states)} states, ${count(transitions)} transitions, ${seconds} s`)
}

async function compareAll(sequences: number, seed: number): Promise<void> {
  const host = openShellHost()
  try {
    const subject = (): Subject => createScriptSubject(host)
    await tryAgainstModel({ subject, accidents: ACCIDENTS, seed, sequences, length: 25, apart: 40 })
    console.log(`${sequences} sequences from seed ${seed}: the model explains every answer`)
  } finally {
    await host.close()
  }
}

function count(number: number): string {
  return number.toLocaleString('en')
}
