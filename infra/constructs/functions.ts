import type { Stack } from 'aws-cdk-lib'
import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import type { Code } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { environments } from '../../lib/contract/environment.ts'
import type { Environment, FunctionName } from '../../lib/contract/environment.ts'
import { PARAMETERS } from '../settings.ts'
import { DrydockFunction } from './function.ts'
import { machineArn } from './machine-arn.ts'

export interface FunctionsProps {
  readonly table: Table
  /** Name of the document that hosts run. */
  readonly document: string
  readonly code: (name: FunctionName) => Code
  /** Long polls at once; more are refused, so that they never take the account's concurrency from renewals. */
  readonly pollConcurrency: number
  readonly consoleLinks: boolean
}

export type Functions = { readonly [F in FunctionName]: DrydockFunction<F> }

/** Every function that has an environment in the contract. */
export function createFunctions(
  stack: Stack,
  { table, document, code, pollConcurrency, consoleLinks }: FunctionsProps,
): Functions {
  const scope = new Construct(stack, 'Functions')
  const environment = environmentsIn(scope, table, document, consoleLinks ? executionLinks(stack) : '')
  const create = <F extends FunctionName>(name: F) =>
    new DrydockFunction(scope, pascal(name), {
      name,
      code: code(name),
      environment: environment[name],
      table,
      document,
      ...(name === 'poll' && { reservedConcurrency: pollConcurrency }),
    })
  const names = Object.keys(environments) as FunctionName[]
  return Object.fromEntries(names.map((name) => [name, create(name)])) as unknown as Functions
}

function environmentsIn(
  scope: Construct,
  table: Table,
  document: string,
  executionLinkPrefix: string,
): { readonly [F in FunctionName]: Environment<F> } {
  const tableOnly = { TABLE_NAME: table.tableName }
  const machines = {
    ...tableOnly,
    LEASE_MACHINE_ARN: machineArn(scope, 'lease'),
    COMMAND_MACHINE_ARN: machineArn(scope, 'command'),
    SLOT_MACHINE_ARN: machineArn(scope, 'slot'),
    HOST_MACHINE_ARN: machineArn(scope, 'host'),
    LANDING_MACHINE_ARN: machineArn(scope, 'landing'),
    BUILD_MACHINE_ARN: machineArn(scope, 'build'),
  }
  const hosts = { ...machines, SSH_KEY_PARAMETER: PARAMETERS.sshKey, HOST_DOCUMENT: document }
  const secrets = { SECRET_KEY_PARAMETER: PARAMETERS.secretKey }
  const links = {
    ...machines,
    EXECUTION_LINK_PREFIX: executionLinkPrefix,
  }
  return {
    api: { ...links, TOKEN_KEY_PARAMETER: PARAMETERS.leaseTokenKey, ...secrets },
    poll: links,
    authorize: { ...tableOnly, ISSUERS_PARAMETER: PARAMETERS.issuers },
    decide: machines,
    activate: hosts,
    destroy: hosts,
    finalize: machines,
    follow: { ...hosts, ...secrets },
    land: { ...machines, TOKEN_KEY_PARAMETER: PARAMETERS.leaseTokenKey },
    'land-at-host': hosts,
    clean: hosts,
    probe: hosts,
    'drive-build': { ...machines, TOKEN_KEY_PARAMETER: PARAMETERS.leaseTokenKey },
    notify: { ...tableOnly, WEBHOOK_SECRETS_PARAMETER: PARAMETERS.webhookSecrets },
    sweep: machines,
    audit: machines,
    repair: machines,
    'issue-token': tableOnly,
  }
}

/** To which an execution's ARN is appended. */
function executionLinks({ region }: Stack): string {
  return `https://${region}.console.aws.amazon.com/states/home?region=${region}#/v2/executions/details/`
}

function pascal(name: string): string {
  return name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
