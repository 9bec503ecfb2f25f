import process from 'node:process'
import { parseArgs } from 'node:util'
import { explore } from './model/explore.ts'
import { REDUCED, WHOLE } from './model/settings.ts'

const USAGE = `node infra/local/run.mjs test/host/fencing/main.ts [--reduced]
Explores every state of the fencing protocol; --reduced only those that every test run explores.`

const { values } = parseArgs({
  options: { reduced: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
})

if (values.help) console.log(USAGE)
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

function count(number: number): string {
  return number.toLocaleString('en')
}
