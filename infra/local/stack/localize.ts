import type { Assembly } from '../assembly/types.ts'

/** The template speaks of the API's address on AWS; here it has another one, in environments and outputs. */
export function localize(assembly: Assembly, endpoint: string, url: string): Assembly {
  const all = (texts: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, value.replaceAll(endpoint, url)]))
  return {
    ...assembly,
    functions: assembly.functions.map((each) => ({ ...each, environment: all(each.environment) })),
    outputs: Object.fromEntries(
      Object.entries(assembly.outputs).map(([name, values]) => [name, all(values)]),
    ),
  }
}
