/** Services whose stand-in can be exchanged for another by `AWS_ENDPOINT_URL_<SERVICE>`. */
export const services = ['DYNAMODB', 'SFN', 'LAMBDA', 'SSM', 'EVENTBRIDGE'] as const
export type Service = (typeof services)[number]

export const endpointVariable = (service: Service) => `AWS_ENDPOINT_URL_${service}` as const

type Variables = Readonly<Record<string, string | undefined>>

/** What the user's environment points elsewhere. */
export function foreignEndpoints(variables: Variables): Readonly<Partial<Record<Service, string>>> {
  const found: Partial<Record<Service, string>> = {}
  for (const service of services) {
    const url = variables[endpointVariable(service)]
    if (url) found[service] = url
  }
  return found
}

/** A foreign service wants the user's own credentials; the stand-ins take any. */
export function credentials(variables: Variables, foreign: boolean): Readonly<Record<string, string>> {
  const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']
  if (!foreign || !variables['AWS_ACCESS_KEY_ID']) return {}
  return Object.fromEntries(names.map((name) => [name, variables[name] ?? '']))
}
