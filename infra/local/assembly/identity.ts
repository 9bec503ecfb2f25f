import { createHash } from 'node:crypto'

/** What `Ref` and `Fn::GetAtt` answer for one resource. */
export interface Identity {
  readonly ref: string
  readonly attributes: Readonly<Record<string, string>>
}

/** A resource as its identity sees it: place, and its own resolved properties. */
export interface Subject {
  readonly stackName: string
  readonly logicalId: string
  readonly region: string
  readonly account: string
  property(name: string): string | undefined
}

/** Names and ARNs follow from stack and logical id alone, so that they are the same at every start. */
export function identify(type: string, subject: Subject): Identity {
  const named = types[type]
  return named ? named(subject) : { ref: nameOf(subject), attributes: {} }
}

/** The function's own ARN or name, whatever version or alias was named. */
export function functionArn(
  reference: string,
  { region, account }: { region: string; account: string },
): string {
  const [, arn] = /(arn:[^:]+:lambda:[^:]+:\d+:function:[\w-]+)/.exec(reference) ?? []
  return arn ?? `arn:aws:lambda:${region}:${account}:function:${reference}`
}

const types: Readonly<Record<string, (subject: Subject) => Identity>> = {
  'AWS::Lambda::Function': (s) => withArn(s, 'lambda', 'function:', nameOf(s, 'FunctionName', 64)),
  'AWS::Lambda::Version': (s) => {
    const ref = `${functionArn(s.property('FunctionName') ?? '', s)}:1`
    return { ref, attributes: { FunctionArn: ref, Version: '1' } }
  },
  'AWS::Lambda::Alias': (s) => {
    const ref = `${functionArn(s.property('FunctionName') ?? '', s)}:${nameOf(s, 'Name')}`
    return { ref, attributes: { AliasArn: ref } }
  },
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::StepFunctions::StateMachine': (s) => {
    const name = nameOf(s, 'StateMachineName', 80)
    const ref = arn(s, 'states', `stateMachine:${name}`)
    return { ref, attributes: { Arn: ref, Name: name, StateMachineRevisionId: 'INITIAL' } }
  },
  'AWS::ApiGatewayV2::Api': (s) => {
    const ref = shortId(s)
    return {
      ref,
      attributes: { ApiId: ref, ApiEndpoint: `https://${ref}.execute-api.${s.region}.amazonaws.com` },
    }
  },
  'AWS::ApiGatewayV2::Stage': (s) => ({ ref: nameOf(s, 'StageName'), attributes: {} }),
  'AWS::ApiGatewayV2::Route': (s) => withId(s, 'RouteId'),
  'AWS::ApiGatewayV2::Integration': (s) => withId(s, 'IntegrationId'),
  'AWS::ApiGatewayV2::Authorizer': (s) => withId(s, 'AuthorizerId'),
  'AWS::ApiGatewayV2::Deployment': (s) => withId(s, 'DeploymentId'),
  'AWS::Events::Rule': (s) => withArn(s, 'events', 'rule/', nameOf(s, 'Name', 64)),
  'AWS::Events::EventBus': (s) => {
    const ref = nameOf(s, 'Name')
    return { ref, attributes: { Name: ref, Arn: arn(s, 'events', `event-bus/${ref}`) } }
  },
  'AWS::Scheduler::Schedule': (s) => withArn(s, 'scheduler', 'schedule/default/', nameOf(s, 'Name', 64)),
  'AWS::Scheduler::ScheduleGroup': (s) => withArn(s, 'scheduler', 'schedule-group/', nameOf(s, 'Name', 64)),
  'AWS::SSM::Parameter': (s) => ({
    ref: nameOf(s, 'Name'),
    attributes: { Type: s.property('Type') ?? 'String', Value: s.property('Value') ?? '' },
  }),
  'AWS::SSM::Document': (s) => ({ ref: nameOf(s, 'Name', 128), attributes: {} }),
  'AWS::IAM::Role': (s) => {
    const ref = nameOf(s, 'RoleName', 64)
    return {
      ref,
      attributes: { Arn: `arn:aws:iam::${s.account}:role/${ref}`, RoleId: `AROA${shortId(s).toUpperCase()}` },
    }
  },
  'AWS::IAM::ManagedPolicy': (s) => {
    const ref = `arn:aws:iam::${s.account}:policy/${nameOf(s, 'ManagedPolicyName')}`
    return { ref, attributes: { PolicyArn: ref } }
  },
  'AWS::Logs::LogGroup': (s) => {
    const ref = nameOf(s, 'LogGroupName')
    return { ref, attributes: { Arn: arn(s, 'logs', `log-group:${ref}:*`) } }
  },
  'AWS::CloudWatch::Alarm': (s) => withArn(s, 'cloudwatch', 'alarm:', nameOf(s, 'AlarmName')),
  'AWS::CloudWatch::CompositeAlarm': (s) => withArn(s, 'cloudwatch', 'alarm:', nameOf(s, 'AlarmName')),
  'AWS::SNS::Topic': (s) => {
    const name = nameOf(s, 'TopicName')
    const ref = arn(s, 'sns', name)
    return { ref, attributes: { TopicArn: ref, TopicName: name } }
  },
  'AWS::SQS::Queue': (s) => {
    const name = nameOf(s, 'QueueName', 80)
    const ref = `https://sqs.${s.region}.amazonaws.com/${s.account}/${name}`
    return { ref, attributes: { Arn: arn(s, 'sqs', name), QueueName: name, QueueUrl: ref } }
  },
  'AWS::S3::Bucket': (s) => {
    const ref = nameOf(s, 'BucketName', 63).toLowerCase()
    return { ref, attributes: { Arn: `arn:aws:s3:::${ref}`, DomainName: `${ref}.s3.amazonaws.com` } }
  },
  'AWS::KMS::Key': (s) => {
    const ref = shortId(s)
    return { ref, attributes: { Arn: arn(s, 'kms', `key/${ref}`), KeyId: ref } }
  },
}

function table(subject: Subject): Identity {
  const ref = nameOf(subject, 'TableName')
  const own = arn(subject, 'dynamodb', `table/${ref}`)
  const attributes = {
    Arn: own,
    StreamArn: `${own}/stream/1970-01-01T00:00:00.000`,
    TableId: shortId(subject),
  }
  return { ref, attributes }
}

function withArn(subject: Subject, service: string, prefix: string, name: string): Identity {
  return { ref: name, attributes: { Arn: arn(subject, service, prefix + name) } }
}

function withId(subject: Subject, attribute: string): Identity {
  const ref = shortId(subject)
  return { ref, attributes: { [attribute]: ref } }
}

function arn({ region, account }: Subject, service: string, rest: string): string {
  return `arn:aws:${service}:${region}:${account}:${rest}`
}

/** The name that the template gives, else stack and logical id, cut to the service's limit with a hash at its end. */
function nameOf(subject: Subject, property = '', limit = 255): string {
  const given = property === '' ? undefined : subject.property(property)
  const name = given ?? `${subject.stackName}-${subject.logicalId}`
  return name.length <= limit ? name : `${name.slice(0, limit - 11)}-${shortId(subject)}`
}

/** Ten lower-case letters and digits, like those of API Gateway. */
function shortId({ stackName, logicalId }: Subject): string {
  const digest = createHash('sha256').update(`${stackName}/${logicalId}`).digest()
  return digest.readBigUInt64BE().toString(36).padStart(10, '0').slice(-10)
}
