import type { Json, JsonObject } from './json.ts'

/** A synthesized app with everything resolved: what the stand-ins are started from. */
export interface Assembly {
  readonly region: string
  readonly account: string
  readonly functions: readonly FunctionResource[]
  readonly tables: readonly TableResource[]
  readonly stateMachines: readonly StateMachineResource[]
  readonly httpApis: readonly HttpApiResource[]
  readonly schedules: readonly ScheduleResource[]
  readonly eventRules: readonly EventRuleResource[]
  readonly parameters: readonly ParameterResource[]
  /** Of Systems Manager. */
  readonly documents: readonly DocumentResource[]
  /** Stack name -> output name -> value. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>
}

interface Origin {
  readonly stackName: string
  readonly logicalId: string
}

export interface FunctionResource extends Origin {
  readonly name: string
  readonly arn: string
  readonly runtime: string
  /** `file.export`, relative to the code directory. */
  readonly handler: string
  /** Absolute path of the unpacked code. */
  readonly codeDirectory: string
  readonly timeoutSeconds: number
  readonly memoryMegabytes: number
  readonly environment: Readonly<Record<string, string>>
  readonly reservedConcurrency?: number
  /** Of asynchronous invocations; Lambda's defaults are 2 and 6 hours. */
  readonly retryAttempts: number
  readonly maximumEventAgeSeconds: number
}

export interface TableResource extends Origin {
  readonly name: string
  readonly arn: string
  /** The input of `CreateTable`. */
  readonly definition: JsonObject
  readonly timeToLiveAttribute?: string
}

export interface StateMachineResource extends Origin {
  readonly name: string
  readonly arn: string
  readonly type: 'STANDARD' | 'EXPRESS'
  /** Amazon States Language as JSON text. */
  readonly definition: string
  readonly roleArn: string
}

export interface HttpApiResource extends Origin {
  readonly apiId: string
  readonly name: string
  /** What the template believes the address to be. */
  readonly endpoint: string
  readonly stage: { readonly name: string; readonly variables: Readonly<Record<string, string>> }
  readonly cors?: CorsConfiguration
  readonly routes: readonly RouteResource[]
}

export interface CorsConfiguration {
  readonly allowOrigins: readonly string[]
  readonly allowMethods: readonly string[]
  readonly allowHeaders: readonly string[]
  readonly exposeHeaders: readonly string[]
  readonly maxAgeSeconds?: number
  readonly allowCredentials: boolean
}

export interface RouteResource {
  /** `GET /path/{name}`, `ANY /path/{proxy+}` or `$default`. */
  readonly key: string
  readonly functionArn: string
  readonly timeoutMilliseconds: number
  readonly authorizer?: AuthorizerResource
}

export interface AuthorizerResource {
  readonly id: string
  readonly name: string
  readonly functionArn: string
  /** `$request.header.Name`, `$request.querystring.name`, `$context.name`, `$stageVariables.name`. */
  readonly identitySources: readonly string[]
  readonly resultTtlSeconds: number
}

export interface ScheduleResource extends Origin {
  readonly name: string
  readonly arn: string
  /** `rate(...)`, `cron(...)` or `at(...)`. */
  readonly expression: string
  readonly timezone: string
  readonly enabled: boolean
  readonly target: Target
}

export interface EventRuleResource extends Origin {
  readonly name: string
  readonly arn: string
  readonly bus: string
  readonly enabled: boolean
  readonly schedule?: string
  readonly pattern?: JsonObject
  readonly targets: readonly Target[]
}

export interface Target {
  readonly arn: string
  /** Constant JSON text. */
  readonly input?: string
  readonly inputPath?: string
  readonly transformer?: { readonly paths: Readonly<Record<string, string>>; readonly template: string }
}

export interface ParameterResource extends Origin {
  readonly name: string
  readonly type: string
  readonly value: string
}

export interface DocumentResource extends Origin {
  readonly name: string
  readonly content: Json
}
