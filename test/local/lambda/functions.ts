import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FunctionDefinition } from '../../../infra/local/lambda/invocation.ts'
import { type Lambda, type LambdaOptions, startLambda } from '../../../infra/local/lambda/start.ts'

type Built = Partial<FunctionDefinition> & { readonly source: string }

export type Started = AsyncDisposable & {
  readonly lambda: Lambda
  /** Every line so far, as `function: line`. */
  readonly lines: string[]
  readonly directory: string
}

export const arnOf = (name: string): string => `arn:aws:lambda:eu-central-1:000000000000:function:${name}`

/** A stand-in that serves functions given by the source of their `index.mjs`; stopped when disposed of. */
export async function lambdaWith(
  functions: Readonly<Record<string, string | Built>>,
  options: Partial<LambdaOptions> = {},
): Promise<Started> {
  const directory = mkdtempSync(join(tmpdir(), 'functions-'))
  const lines: string[] = []
  const lambda = await startLambda({
    functions: Object.entries(functions).map(([name, built]) => define(directory, name, built)),
    environment: {},
    maxProcesses: 10,
    onLog: (name, line) => lines.push(`${name}: ${line}`),
    graceSeconds: 0,
    ...options,
  })
  const stop = async (): Promise<void> => {
    await lambda.close()
    rmSync(directory, { recursive: true })
  }
  return { lambda, lines, directory, [Symbol.asyncDispose]: stop }
}

/** Invokes with a value and answers with the value; a failure is answered as it is. */
export async function call(lambda: Lambda, name: string, event: unknown = {}): Promise<unknown> {
  const result = await lambda.invoke(name, JSON.stringify(event))
  return result.ok ? (JSON.parse(result.payload) as unknown) : result
}

function define(directory: string, name: string, built: string | Built): FunctionDefinition {
  const { source, ...overrides } = typeof built === 'string' ? { source: built } : built
  const codeDirectory = mkdtempSync(join(directory, `${name}-`))
  writeFileSync(join(codeDirectory, 'index.mjs'), source)
  const defaults = { handler: 'index.handler', timeoutSeconds: 30, memoryMb: 128, environment: {} }
  return { name, arn: arnOf(name), codeDirectory, ...defaults, ...overrides }
}
