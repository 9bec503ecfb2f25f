import { compileMachine } from '../../../infra/local/stepfunctions/asl/compile.ts'
import type { Program } from '../../../infra/local/stepfunctions/asl/program.ts'
import { queryCompiler } from '../../../infra/local/stepfunctions/asl/query.ts'
import { buildMachine } from '../../../infra/machines/build.ts'
import { commandMachine } from '../../../infra/machines/command.ts'
import { hostMachine } from '../../../infra/machines/host.ts'
import { landingMachine } from '../../../infra/machines/landing.ts'
import { leaseMachine } from '../../../infra/machines/lease.ts'
import { slotMachine } from '../../../infra/machines/slot.ts'
import { MACHINES } from '../../../lib/contract/machines.ts'

export type MachineName = keyof typeof MACHINES

const partition = 'aws'
const functionArn = (name: string) => `arn:aws:lambda:eu-west-1:000000000000:function:${name}`

/** The function that an invocation names. */
export const functionOf = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1)

export const machineArn = (machine: MachineName): string =>
  `arn:aws:states:eu-west-1:000000000000:stateMachine:${MACHINES[machine]}`

const tools = {
  compileQuery: queryCompiler(() => {
    throw new Error('a machine that asks for the time has no place in virtual time yet')
  }),
  integrations: new Set(['dynamodb:updateItem', 'eventbridge:putEvents']),
}

const compile = (definition: object): Program => compileMachine(JSON.stringify(definition), tools)

/** The machines as they are deployed, compiled once for all runs. */
export const PROGRAMS: Readonly<Record<MachineName, Program>> = {
  lease: compile(
    leaseMachine({
      partition,
      tableName: 'table',
      decideArn: functionArn('decide'),
      activateArn: functionArn('activate'),
      destroyArn: functionArn('destroy'),
      finalizeArn: functionArn('finalize'),
    }),
  ),
  command: compile(commandMachine({ partition, functionArn: functionArn('follow') })),
  slot: compile(slotMachine({ partition, functionArn: functionArn('clean') })),
  build: compile(
    buildMachine({
      partition,
      tableName: 'table',
      busName: 'bus',
      buildArn: functionArn('drive-build'),
      notifyArn: functionArn('notify'),
    }),
  ),
  host: compile(hostMachine({ partition, functionArn: functionArn('probe') })),
  landing: compile(
    landingMachine({
      partition,
      tableName: 'table',
      landArn: functionArn('land'),
      landAtHostArn: functionArn('land-at-host'),
    }),
  ),
}

export const machineOf = (arn: string): MachineName => {
  const name = (Object.keys(MACHINES) as MachineName[]).find((machine) => machineArn(machine) === arn)
  if (!name) throw new Error(`no machine ${arn}`)
  return name
}
