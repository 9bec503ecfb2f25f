import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import {
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { Route } from '../../lib/contract/routes.ts'
import { INTEGRATION_TIMEOUT_SECONDS } from '../settings.ts'

export interface ApiProps {
  readonly routes: readonly Route[]
  readonly served: Readonly<Record<Route['served'], IFunction>>
  readonly authorize: IFunction
}

/** The HTTP API: one route per entry of the route table, nothing without the authorizer. */
export class Api extends Construct {
  readonly url: string

  constructor(scope: Construct, id: string, { routes, served, authorize }: ApiProps) {
    super(scope, id)
    const authorizer = new HttpLambdaAuthorizer('Authorizer', authorize, {
      authorizerName: 'drydock',
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      // Asked for each request, also for one without a token: docs/adr/004-who-calls.md
      identitySource: [],
      resultsCacheTtl: Duration.seconds(0),
    })
    const api = new HttpApi(this, 'HttpApi', {
      apiName: 'drydock',
      description: 'Leases of build machines and working copies',
      createDefaultStage: false,
      defaultAuthorizer: authorizer,
    })
    this.url = api.apiEndpoint

    const integrations = {
      api: integrate('Api', served.api),
      poll: integrate('Poll', served.poll),
    }
    for (const route of routes) {
      api.addRoutes({
        path: route.path,
        methods: [HttpMethod[route.method]],
        integration: integrations[route.served],
      })
    }
    // An address that nobody knows is refused with a code, like everything else.
    const anythingElse = { routeKey: HttpRouteKey.DEFAULT, integration: integrations.api, authorizer }
    new HttpRoute(this, 'AnythingElse', { httpApi: api, ...anythingElse })
    this.addStage(api)
  }

  private addStage(api: HttpApi): void {
    const log = new LogGroup(this, 'AccessLog', {
      logGroupName: '/drydock/api',
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      // Far above what the table serves (250 leases/s and pool), far below what a loop in somebody's CI can cost.
      throttle: { rateLimit: 1_000, burstLimit: 500 },
      accessLogSettings: { destination: new LogGroupLogDestination(log), format: accessLogFormat },
    })
  }
}

/** Names and numbers only: no header, no query, no body, no principal. */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    at: AccessLogField.contextRequestTimeEpoch(),
    sourceIp: '$context.identity.sourceIp',
    route: '$context.routeKey',
    path: '$context.path',
    status: AccessLogField.contextStatus(),
    milliseconds: AccessLogField.contextResponseLatency(),
    bytes: AccessLogField.contextResponseLength(),
    integrationError: '$context.integrationErrorMessage',
    authorizerError: '$context.authorizer.error',
  }),
)

/** One permission per function, not one per route: a policy of a function holds 20 KB. */
function integrate(id: string, handler: IFunction): HttpLambdaIntegration {
  return new HttpLambdaIntegration(id, handler, {
    timeout: Duration.seconds(INTEGRATION_TIMEOUT_SECONDS),
    scopePermissionToRoute: false,
  })
}
