import type { Assembly } from '../assembly/types.ts'
import type { Faults } from '../dynamodb/faults.ts'
import type { InvokeResult } from '../httpapi/within.ts'
import type { ManagedNode } from '../ssm/commands/agent.ts'
import type { Seeds } from '../ssm/server.ts'

export interface StackOptions {
  /** The synthesized app, `cdk.out`. */
  readonly assembly: string
  /** Directory for tables, executions and parameters, made if missing; without it nothing outlives the stack. */
  readonly data?: string
  /** Of the HTTP API; 0 or missing lets the system choose. */
  readonly port?: number
  /** Put into Parameter Store where nothing is stored under the name yet. */
  readonly parameters: Seeds
  /** Machines that Systems Manager runs documents on. */
  readonly nodes?: readonly ManagedNode[]
  /** `source` is a function's name or a service. */
  readonly onLog: (source: string, line: string) => void
  /** Processes of all functions together, 60-85 MB each. Default 16. */
  readonly maxLambdaProcesses?: number
  /** Functions to start before anybody asks, by name, logical id or construct id. Nobody waits for it. */
  readonly warm?: readonly string[]
  /** Where the functions' compiled code is kept for the cold starts of later runs. */
  readonly compileCache?: string
  /** Told of each invocation of a function, by its name. */
  readonly onInvoke?: (functionName: string) => void
  /** Lets the table refuse and delay as the real one does. */
  readonly faults?: Faults
  /** Looked through for `AWS_ENDPOINT_URL_<SERVICE>`, credentials and region. */
  readonly variables?: Readonly<Record<string, string | undefined>>
}

export interface Stack {
  readonly apiUrl: string
  readonly endpoints: Readonly<Record<'dynamodb' | 'sfn' | 'lambda' | 'ssm' | 'events', string>>
  /** Stack name -> output name -> value. */
  readonly outputs: Assembly['outputs']
  /** By name, logical id or construct id. */
  invoke(functionName: string, payload: object): Promise<InvokeResult>
  close(): Promise<void>
}
