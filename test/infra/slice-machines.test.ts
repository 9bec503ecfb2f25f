import { expect, test } from 'vitest'
import { commandMachine } from '../../infra/machines/command.ts'
import { hostMachine } from '../../infra/machines/host.ts'
import { slotMachine } from '../../infra/machines/slot.ts'
import { play } from './support/play.ts'

const target = (name: string) => ({
  partition: 'aws',
  functionArn: `arn:aws:lambda:eu-west-1:123456789012:function:drydock-${name}`,
})
const machines = [
  {
    name: 'follow',
    definition: JSON.stringify(commandMachine(target('follow'))),
    input: { leaseId: 'A', number: 3 },
  },
  {
    name: 'clean',
    definition: JSON.stringify(slotMachine(target('clean'))),
    input: { host: 'h', slot: 2 },
  },
  {
    name: 'probe',
    definition: JSON.stringify(hostMachine(target('probe'))),
    input: { host: 'h' },
  },
]

test.each(machines)('$name is called until it is done, and told how often it was', async (machine) => {
  const { name, definition, input } = machine
  const answers = [{ route: 'AGAIN', seconds: 0 }, { route: 'AGAIN', seconds: 30 }, { route: 'DONE' }]

  const { status, calls } = await play(definition, input, { [name]: answers })

  expect(status).toBe('SUCCEEDED')
  expect(calls).toEqual([0, 1, 2].map((tries) => [name, { ...input, tries }]))
})

test.each(machines)(
  '$name is called again after an error, and goes on after a rest for as long as it takes',
  async (machine) => {
    const { name, definition, input } = machine

    const { status, calls } = await play(definition, input, {
      [name]: [...Array<string>(9).fill('Error'), { route: 'DONE' }],
    })

    expect(status).toBe('SUCCEEDED')
    expect(calls).toHaveLength(10)
  },
)
