import { Aws, CfnOutput, Stack } from 'aws-cdk-lib'
import type { StackProps } from 'aws-cdk-lib'
import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import { EventBus } from 'aws-cdk-lib/aws-events'
import type { Code } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import type { FunctionName } from '../lib/contract/environment.ts'
import { BUS } from '../lib/contract/machines.ts'
import { routes } from '../lib/contract/routes.ts'
import { loadHostScript } from '../lib/host/script.ts'
import { Api } from './constructs/api.ts'
import { Audit } from './constructs/audit.ts'
import { createFunctions } from './constructs/functions.ts'
import { HostDocument } from './constructs/host-document.ts'
import { Machine } from './constructs/machine.ts'
import { machineArn } from './constructs/machine-arn.ts'
import { Sweep } from './constructs/sweep.ts'
import { buildMachine } from './machines/build.ts'
import { commandMachine } from './machines/command.ts'
import { hostMachine } from './machines/host.ts'
import { landingMachine } from './machines/landing.ts'
import { leaseMachine } from './machines/lease.ts'
import { slotMachine } from './machines/slot.ts'

export interface ServiceStackProps extends StackProps {
  readonly table: Table
  readonly code: (name: FunctionName) => Code
  readonly pollConcurrency: number
  /** Whether leases link their executions in the AWS console. */
  readonly consoleLinks: boolean
  readonly alarmTopicArn?: string
}

/** Everything that holds no state: it may be deleted and deployed again while leases wait. */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, props: ServiceStackProps) {
    const { table, code, pollConcurrency, consoleLinks, alarmTopicArn, ...rest } = props
    super(scope, id, rest)
    const { name: document } = new HostDocument(this, 'HostDocument', {
      scriptSha256: loadHostScript().sha256,
    })
    const functions = createFunctions(this, { table, document, code, pollConcurrency, consoleLinks })
    const { decide, activate, destroy, finalize, follow, clean, probe, sweep, repair } = functions
    const partition = Aws.PARTITION

    new Machine(this, 'LeaseMachine', {
      name: 'lease',
      definition: leaseMachine({
        partition,
        tableName: table.tableName,
        decideArn: decide.functionArn,
        activateArn: activate.functionArn,
        destroyArn: destroy.functionArn,
        finalizeArn: finalize.functionArn,
      }),
      invokes: [decide, activate, destroy, finalize],
      updatesTable: table.tableArn,
    })
    new Machine(this, 'CommandMachine', {
      name: 'command',
      definition: commandMachine({ partition, functionArn: follow.functionArn }),
      invokes: [follow],
    })
    new Machine(this, 'SlotMachine', {
      name: 'slot',
      definition: slotMachine({ partition, functionArn: clean.functionArn }),
      invokes: [clean],
    })
    const bus = new EventBus(this, 'Bus', { eventBusName: BUS.name })
    new Machine(this, 'BuildMachine', {
      name: 'build',
      definition: buildMachine({
        partition,
        tableName: table.tableName,
        busName: bus.eventBusName,
        buildArn: functions['drive-build'].functionArn,
        notifyArn: functions.notify.functionArn,
      }),
      invokes: [functions['drive-build'], functions.notify],
      updatesTable: table.tableArn,
      tells: bus.eventBusArn,
    })
    new Machine(this, 'HostMachine', {
      name: 'host',
      definition: hostMachine({ partition, functionArn: probe.functionArn }),
      invokes: [probe],
    })
    const { land, 'land-at-host': landAtHost } = functions
    new Machine(this, 'LandingMachine', {
      name: 'landing',
      definition: landingMachine({
        partition,
        tableName: table.tableName,
        landArn: land.functionArn,
        landAtHostArn: landAtHost.functionArn,
      }),
      invokes: [land, landAtHost],
      updatesTable: table.tableArn,
    })

    const api = new Api(this, 'Api', {
      routes: Object.values(routes),
      served: { api: functions.api, poll: functions.poll },
      authorize: functions.authorize,
    })
    new Sweep(this, 'Sweep', {
      sweep,
      repair,
      machineArns: (['lease', 'command', 'build', 'landing'] as const).map((name) => machineArn(this, name)),
      alarmTopicArn,
    })
    new Audit(this, 'Audit', { audit: functions.audit, alarmTopicArn })

    this.output('ApiUrl', api.url)
    this.output('TableName', table.tableName)
    this.output('LeaseMachineArn', machineArn(this, 'lease'))
    this.output('CommandMachineArn', machineArn(this, 'command'))
    this.output('SlotMachineArn', machineArn(this, 'slot'))
    this.output('HostMachineArn', machineArn(this, 'host'))
    this.output('LandingMachineArn', machineArn(this, 'landing'))
    this.output('BuildMachineArn', machineArn(this, 'build'))
    this.output('BusName', bus.eventBusName)
    this.output('IssueTokenFunction', functions['issue-token'].functionName)
  }

  private output(name: string, value: string): void {
    new CfnOutput(this, name, { value })
  }
}
