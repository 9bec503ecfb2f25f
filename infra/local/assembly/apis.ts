import { functionArn } from './identity.ts'
import { AssemblyError } from './json.ts'
import type { Place, Resource } from './stacks.ts'
import type { AuthorizerResource, CorsConfiguration, HttpApiResource, RouteResource } from './types.ts'

const defaultTimeoutMilliseconds = 30_000
const kind = 'AWS::ApiGatewayV2::'

/** Gathers each HTTP API with its routes, integrations, authorizers and stage from the resources of all stacks. */
export function collectApis(resources: readonly Resource[], place: Place): readonly HttpApiResource[] {
  return resources.filter(({ type }) => type === `${kind}Api`).map(toApi)

  function toApi({ stackName, logicalId, identity, properties }: Resource): HttpApiResource {
    const parts = (type: string) =>
      resources.filter((each) => each.type === kind + type && each.properties.text('ApiId') === identity.ref)
    const protocol = properties.optionalText('ProtocolType')
    if (protocol !== 'HTTP')
      throw new AssemblyError(`${stackName}/${logicalId} is no HTTP API but ${protocol}`)
    const stage = parts('Stage')[0]
    if (!stage) throw new AssemblyError(`${stackName}/${logicalId} has no stage`)
    const cors = toCors(properties.inner('CorsConfiguration'))
    const integrations = parts('Integration')
    const authorizers = parts('Authorizer')
    return {
      stackName,
      logicalId,
      apiId: identity.ref,
      name: properties.optionalText('Name') ?? logicalId,
      endpoint: identity.attributes['ApiEndpoint'] ?? '',
      stage: {
        name: stage.properties.text('StageName'),
        variables: stage.properties.texts('StageVariables'),
      },
      ...(cors && { cors }),
      routes: parts('Route').map((route) => toRoute(route, integrations, authorizers)),
    }
  }

  function toRoute(
    { stackName, logicalId, properties }: Resource,
    integrations: readonly Resource[],
    authorizers: readonly Resource[],
  ): RouteResource {
    const where = `${stackName}/${logicalId}`
    const target = properties.text('Target').replace(/^integrations\//, '')
    const integration = integrations.find(({ identity }) => identity.ref === target)?.properties
    if (!integration) throw new AssemblyError(`${where}: its integration ${target} does not exist`)
    const type = integration.text('IntegrationType')
    const format = integration.optionalText('PayloadFormatVersion')
    if (type !== 'AWS_PROXY' || format !== '2.0') {
      throw new AssemblyError(
        `${integration.where}: only AWS_PROXY with payload 2.0 is supported, not ${type} ${format}`,
      )
    }
    const authorization = properties.optionalText('AuthorizationType') ?? 'NONE'
    if (authorization !== 'NONE' && authorization !== 'CUSTOM') {
      throw new AssemblyError(`${where}: authorization ${authorization} is not supported`)
    }
    return {
      key: properties.text('RouteKey'),
      functionArn: functionArn(integration.text('IntegrationUri'), place),
      timeoutMilliseconds: integration.optionalNumber('TimeoutInMillis') ?? defaultTimeoutMilliseconds,
      ...(authorization === 'CUSTOM' && { authorizer: authorizerOf() }),
    }

    function authorizerOf(): AuthorizerResource {
      const id = properties.text('AuthorizerId')
      const authorizer = authorizers.find(({ identity }) => identity.ref === id)
      if (!authorizer) throw new AssemblyError(`${where}: its authorizer ${id} does not exist`)
      return toAuthorizer(authorizer)
    }
  }

  function toAuthorizer({ identity, properties }: Resource): AuthorizerResource {
    const format = properties.optionalText('AuthorizerPayloadFormatVersion')
    if (properties.text('AuthorizerType') !== 'REQUEST' || format !== '2.0') {
      throw new AssemblyError(`${properties.where}: only REQUEST authorizers with payload 2.0 are supported`)
    }
    if (!properties.flag('EnableSimpleResponses', false)) {
      throw new AssemblyError(`${properties.where}: only authorizers with simple responses are supported`)
    }
    return {
      id: identity.ref,
      name: properties.text('Name'),
      functionArn: functionArn(properties.text('AuthorizerUri'), place),
      identitySources: properties.strings('IdentitySource'),
      resultTtlSeconds: properties.optionalNumber('AuthorizerResultTtlInSeconds') ?? 0,
    }
  }
}

function toCors(properties: ReturnType<Resource['properties']['inner']>): CorsConfiguration | undefined {
  if (!properties) return undefined
  const maxAgeSeconds = properties.optionalNumber('MaxAge')
  return {
    allowOrigins: properties.strings('AllowOrigins'),
    allowMethods: properties.strings('AllowMethods'),
    allowHeaders: properties.strings('AllowHeaders'),
    exposeHeaders: properties.strings('ExposeHeaders'),
    ...(maxAgeSeconds !== undefined && { maxAgeSeconds }),
    allowCredentials: properties.flag('AllowCredentials', false),
  }
}
