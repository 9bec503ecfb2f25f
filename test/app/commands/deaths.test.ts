import { expect, test } from 'vitest'
import type { FakeCommand } from '../../../lib/adapters/memory/hosts.ts'
import { commandOf } from '../../../lib/app/commands/command.ts'
import { runCommand } from '../../../lib/app/commands/run-command.ts'
import { commandKey } from '../../../lib/app/store/keys.ts'
import type { World } from '../../support/world.ts'
import { holder } from '../../support/world.ts'
import { itemAt } from '../support/look.ts'
import { dieEverywhere, insist, pass, statusOf } from '../support/mortality.ts'
import { DEMAND, readAll, textOf } from './world.ts'

const SECRET = 'hunter2-hunter2'
const STDOUT = Array.from({ length: 500 }, (_, line) => `line ${line} ${SECRET}\n`).join('')
const HIDDEN = STDOUT.replaceAll(SECRET, '*'.repeat(SECRET.length))
const command: FakeCommand = { exitCode: 3, stdout: STDOUT, milliseconds: 8_000, steady: true }
const limited = { linux: { name: 'linux', type: 'host', allow: ['*'], limits: { output: 8_192 } } } as const

/** A lease in which one command runs; its followers live for a look each. */
async function oneCommand(world: World): Promise<string> {
  const { leaseId } = await insist(async () => world.ask({}, undefined, 'one'))
  await world.settle()
  for (let minute = 0; minute < 6 && (await statusOf(world, leaseId)) !== 'active'; minute++)
    await pass(world)
  const secretEnvironment = { TOKEN: SECRET }
  await insist(async () =>
    runCommand(
      world.ports,
      holder(leaseId),
      leaseId,
      { ...DEMAND, secretEnvironment, input: Buffer.from('in') },
      { hash: 'k', requestHash: 'r' },
    ),
  )
  // As its machine does: whoever dies is followed by another one.
  for (let second = 0; second < 20; second++) {
    await insist(async () => world.ports.executions.ensureCommand(leaseId, 1))
    await world.advance(1_000)
  }
  return leaseId
}

async function damage(world: World, leaseId: string, expected: string): Promise<readonly string[]> {
  const ended = commandOf(itemAt(world, commandKey(leaseId, 1)))
  const said = textOf(await readAll(world, leaseId), 'stdout')
  const left = world.table.items().filter(({ SK }) => SK.startsWith('IN#'))
  return [
    ...(ended.status === 'ended' && ended.exitCode === 3 ? [] : [`it is ${ended.status}, ${ended.cause}`]),
    ...(said === expected ? [] : [`its output is not what it wrote, but ${said.length} bytes`]),
    ...(left.length === 0 && ended.secrets === undefined ? [] : ['its input or its secrets are left']),
  ]
}

test.each([
  ['before', 'whole', {}, HIDDEN],
  ['after', 'whole', {}, HIDDEN],
  ['before', 'cut', limited, `${HIDDEN.slice(0, 4_096)}[${HIDDEN.length - 8_192}]${HIDDEN.slice(-4_096)}`],
  ['after', 'cut', limited, `${HIDDEN.slice(0, 4_096)}[${HIDDEN.length - 8_192}]${HIDDEN.slice(-4_096)}`],
] as const)(
  'a death %s any call loses and repeats no byte of a command whose output is %s',
  async (moment, _, blueprints, expected) => {
    const died = await dieEverywhere(
      {
        world: { blueprints, fakeHosts: { command: () => command } },
        act: oneCommand,
        minutes: 2,
        damage: async (world, id) => damage(world, id, expected),
      },
      moment,
    )

    expect(died.calls).toBeGreaterThan(30)
    expect(died.damage).toEqual([])
  },
)
