import { compileMachine } from '../asl/compile.ts'
import type { Program } from '../asl/program.ts'
import { queryCompiler } from '../asl/query.ts'

export interface MachineSource {
  readonly arn: string
  readonly name: string
  /** Resolved ASL as JSON text, JSONata dialect. */
  readonly definition: string
  readonly type: 'STANDARD'
}

export interface Machines {
  readonly byArn: ReadonlyMap<string, MachineSource>
  /** Compiled once per text. An execution keeps the definition that it began with. */
  readonly program: (definition: string) => Program
}

/** @throws Error that names the machine, the state and what is wrong with it */
export function loadMachines(
  sources: readonly MachineSource[],
  integrations: ReadonlySet<string>,
  now: () => number,
): Machines {
  const tools = { compileQuery: queryCompiler(now), integrations }
  const programs = new Map<string, Program>()
  const program = (definition: string): Program => {
    const known = programs.get(definition)
    if (known) return known
    const compiled = compileMachine(definition, tools)
    programs.set(definition, compiled)
    return compiled
  }
  for (const { name, definition } of sources) {
    try {
      program(definition)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new Error(`state machine ${name}: ${reason}`, { cause: error })
    }
  }
  return { byArn: new Map(sources.map((source) => [source.arn, source])), program }
}
