import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { loadAssembly } from '../assembly/load.ts'
import type { Assembly } from '../assembly/types.ts'
import { startDynamoDb } from '../dynamodb/start.ts'
import { startEvents } from '../events/bus.ts'
import { startEventService } from '../events/server.ts'
import { startHttpApi } from '../httpapi/server.ts'
import { startLambda } from '../lambda/start.ts'
import type { Lambda } from '../lambda/start.ts'
import { readDocument } from '../ssm/commands/document.ts'
import { startSsm } from '../ssm/server.ts'
import type { Seeds } from '../ssm/server.ts'
import { credentials, endpointVariable, foreignEndpoints } from './endpoints.ts'
import type { Service } from './endpoints.ts'
import { findFunction, invokeWith, toDefinition } from './functions.ts'
import { localize } from './localize.ts'
import { statusEvent, tableIntegrations, toMachine } from './machines.ts'
import { eventIntegrations } from '../stepfunctions/integrations/eventbridge.ts'
import type { Stack, StackOptions } from './options.ts'
import type { collectParts, Part } from './parts.ts'
import { deliverTo } from './targets.ts'
import { systemClock } from '../stepfunctions/clock.ts'
import { startStepFunctions } from '../stepfunctions/server.ts'

/** What the start of a process takes, at the least, milliseconds: whoever waits a shorter time gains nothing from it. */
const A_START = 100

interface Served {
  readonly endpoint: string
  close(): Promise<void>
}

/** Starts all parts at once where they do not need each other; `parts` knows each from the beginning of its start. */
export async function startParts(
  options: StackOptions,
  parts: ReturnType<typeof collectParts>,
): Promise<Stack> {
  // Who calls a function before the functions are there waits for them.
  const functions = Promise.withResolvers<Lambda>()
  functions.promise.catch(() => undefined)
  try {
    return await startAround(functions, options, parts)
  } catch (error) {
    functions.reject(error)
    throw error
  }
}

async function startAround(
  functions: PromiseWithResolvers<Lambda>,
  options: StackOptions,
  parts: ReturnType<typeof collectParts>,
): Promise<Stack> {
  const { data, parameters, variables = process.env } = options
  const foreign = foreignEndpoints(variables)
  const keys = credentials(variables, Object.keys(foreign).length > 0)
  const place = { region: variables['AWS_REGION'] ?? 'us-east-1', account: '000000000000' }
  const stored = Object.fromEntries(Object.entries(parameters).map(([name, { value }]) => [name, value]))
  const template = loadAssembly(options.assembly, { ...place, parameters: stored })
  const [api, ...others] = template.httpApis
  if (!api || others.length > 0) throw new Error(`an app needs one HTTP API, not ${template.httpApis.length}`)
  if (data !== undefined) mkdirSync(data, { recursive: true, mode: 0o700 })
  const inData = (name: string) => (data === undefined ? undefined : join(data, name))
  const log = (source: string) => (line: string) => options.onLog(source, line)
  const clock = systemClock

  const invoke = invokeWith(functions.promise)
  const serve = async (service: Service, part: Part, start: () => Promise<Served>) =>
    foreign[service] ?? (await parts.add(part, start())).endpoint

  const events = startEvents({
    rules: template.eventRules,
    schedules: template.schedules,
    place,
    clock,
    deliver: deliverTo({ functions: functions.promise, statesEndpoint: () => states }),
    onLog: log('events'),
  })
  void parts.add('schedules', Promise.resolve(events))

  const http = parts.add(
    'http',
    startHttpApi({ api, place, invoke, clock, port: options.port ?? 0, onLog: log('http') }),
  )
  const tables = parts.add(
    'tables',
    startDynamoDb({
      endpoint: foreign.DYNAMODB,
      tables: template.tables,
      directory: inData('tables'),
      faults: options.faults,
      onLog: log('dynamodb'),
    }),
  )
  const tablesEndpoint = tables.then(({ endpoint }) => endpoint)
  const ssmEndpoint = serve('SSM', 'ssm', () =>
    startSsm({
      place,
      file: inData('parameters.json'),
      seeds: { ...seedsOf(template), ...parameters },
      documents: template.documents.map(({ name, content }) => readDocument(name, content)),
      nodes: options.nodes ?? [],
      clock,
      onLog: log('ssm'),
    }),
  )
  const integrations = tableIntegrations({
    endpoint: tablesEndpoint,
    region: place.region,
    credentials: keys,
  })
  void parts.add('integrations', Promise.resolve(integrations))
  // A stack that cannot start is no failed task: executions of the journal then wait for the next start.
  const forMachines = functions.promise.catch(() => new Promise<never>(() => {}))
  const states: Promise<string> = serve('SFN', 'states', () =>
    startStepFunctions({
      stateMachines: template.stateMachines.map(toMachine),
      journal: inData('executions.db'),
      invokeLambda: async (name, payload) => (await forMachines).invoke(name, payload),
      sdkIntegrations: { ...integrations.calls, ...eventIntegrations(() => bus) },
      onStatusChange: (change) => {
        events.emit(statusEvent(change))
      },
    }),
  )
  const bus: Promise<string> = serve('EVENTBRIDGE', 'events', () =>
    startEventService({ emit: (event) => events.emit(event), onLog: log('events') }),
  )

  const [{ url: apiUrl }, dynamodb, ssm, sfn, eventBridge] = await Promise.all([
    http,
    tablesEndpoint,
    ssmEndpoint,
    states,
    bus,
  ])
  const app = localize(template, api.endpoint, apiUrl)
  const environment: Record<string, string> = {
    ...keys,
    [endpointVariable('DYNAMODB')]: dynamodb,
    [endpointVariable('SSM')]: ssm,
    [endpointVariable('SFN')]: sfn,
    [endpointVariable('EVENTBRIDGE')]: eventBridge,
  }
  const lambda = await parts.add(
    'functions',
    startLambda({
      functions: app.functions.map(toDefinition),
      environment,
      maxProcesses: options.maxLambdaProcesses ?? 16,
      onLog: options.onLog,
      graceSeconds: 1,
      growAfterMilliseconds: A_START,
      ...(options.onInvoke && { onInvoke: options.onInvoke }),
      ...(options.compileCache !== undefined && { compileCacheDirectory: options.compileCache }),
    }),
  )
  // Read at each cold start, and none happens before `functions` resolves.
  environment[endpointVariable('LAMBDA')] = foreign.LAMBDA ?? lambda.endpoint
  functions.resolve(lambda)
  warmUp(options, app, lambda)

  return {
    apiUrl,
    endpoints: { dynamodb, sfn, lambda: lambda.endpoint, ssm, events: eventBridge },
    outputs: app.outputs,
    invoke: (name, payload) => invoke(findFunction(app.functions, name).arn, payload),
    close: () => parts.close(),
  }
}

/** Nobody waits for it: a function that cannot start says so again when it is called. */
function warmUp({ warm = [], onLog }: StackOptions, app: Assembly, lambda: Lambda): void {
  const names = warm.map((reference) => findFunction(app.functions, reference).name)
  lambda.warm(names).catch((error: unknown) => onLog('lambda', `cannot warm up: ${String(error)}`))
}

/** Parameters that the template makes. */
function seedsOf({ parameters }: Assembly): Seeds {
  return Object.fromEntries(
    parameters.map(({ name, type, value }) => [
      name,
      { value, type: type === 'StringList' ? type : 'String' },
    ]),
  )
}
