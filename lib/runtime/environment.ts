import process from 'node:process'
import { environments } from '../contract/environment.ts'
import type { Environment, FunctionName } from '../contract/environment.ts'

/**
 * What the function of this name reads from its environment.
 * @throws Error that names the variables at fault, never their values
 */
export function environment<F extends FunctionName>(
  name: F,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Environment<F> {
  const read = environments[name].safeParse(variables)
  if (read.success) return read.data as Environment<F>
  const faults = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new Error(`the environment of ${name} is not complete: ${faults.join('; ')}`)
}
