import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../infra/local/stepfunctions/clock.ts'
import { startEngine } from '../../infra/local/stepfunctions/engine/engine.ts'

/** How many executions of three states (Lambda, Choice, Lambda) the engine does, and how long one takes alone. */
const invoke = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' }
const definition = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'Decide',
  States: {
    Decide: {
      ...invoke,
      Arguments: { FunctionName: 'decide', Payload: '{% $states.input %}' },
      Assign: { action: '{% $states.result.Payload.action %}' },
      Next: 'Route',
    },
    Route: {
      Type: 'Choice',
      Choices: [{ Condition: "{% $action = 'ACTIVATE' %}", Next: 'Activate' }],
      Default: 'Activate',
    },
    Activate: {
      ...invoke,
      Arguments: { FunctionName: 'activate', Payload: '{% $states.context.Execution.Input %}' },
      End: true,
    },
  },
})
const arn = 'arn:aws:states:eu-west-1:000000000000:stateMachine:three'
const directory = mkdtempSync(join(tmpdir(), 'stepfunctions-bench-'))
let ended = 0
let onEnded: () => void = () => undefined

const engine = startEngine({
  stateMachines: [{ arn, name: 'three', definition, type: 'STANDARD' }],
  invokeLambda: async () => ({ ok: true, payload: '{"action":"ACTIVATE"}' }),
  sdkIntegrations: {},
  clock: systemClock,
  random: Math.random,
  journal: join(directory, 'journal.db'),
  onStatusChange: ({ status }) => {
    if (status === 'RUNNING') return
    ended += 1
    onEnded()
  },
})
const machine = requireMachine()

async function run(prefix: string, count: number, atOnce: number): Promise<number> {
  const before = performance.now()
  for (let done = 0; done < count; done += atOnce) {
    const target = ended + atOnce
    const all = new Promise<void>((resolve) => {
      onEnded = () => ended >= target && resolve()
    })
    for (let index = 0; index < atOnce; index += 1) {
      void engine.start(machine, `${prefix}-${done + index}`, '{"leaseId":"01JD000000000000000000000"}')
    }
    await all
  }
  return performance.now() - before
}

await run('warm', 2000, 100)
const many = await run('many', 10_000, 200)
const alone = await run('alone', 2000, 1)
console.log(`200 at once: ${Math.round(10_000 / (many / 1000))} executions/s`)
console.log(`one at a time: ${(alone / 2000).toFixed(3)} ms for an execution of three states`)
await engine.close()
rmSync(directory, { recursive: true })

function requireMachine() {
  const found = engine.machines.get(arn)
  if (!found) throw new Error('the machine is missing')
  return found
}
