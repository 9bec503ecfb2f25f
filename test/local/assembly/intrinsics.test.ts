import { expect, test } from 'vitest'
import { loadAssembly } from '../../../infra/local/assembly/load.ts'
import { fakeAssembly } from '../support/assembly.ts'

const place = {
  region: 'eu-west-1',
  account: '111122223333',
  parameters: { '/app/size': 'large', '/app/list': 'a, b' },
}

const template = {
  Parameters: {
    Plain: { Type: 'String', Default: 'plain' },
    Stored: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/app/size' },
    Many: { Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: '/app/list' },
    Open: { Type: 'String' },
  },
  Conditions: {
    Yes: { 'Fn::Equals': [{ Ref: 'Plain' }, 'plain'] },
    No: { 'Fn::Not': [{ Condition: 'Yes' }] },
    Both: { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] },
    Either: { 'Fn::Or': [{ Condition: 'Yes' }, { Condition: 'No' }] },
    Loop: { 'Fn::Not': [{ Condition: 'Loop' }] },
  },
  Mappings: { Sizes: { 'eu-west-1': { small: 's', large: 'l' } } },
  Resources: {
    Role: { Type: 'AWS::IAM::Role' },
    Named: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: { 'Fn::Sub': 'x-${AWS::StackName}' } } },
    Odd: { Type: 'AWS::Made::Up' },
    Absent: { Type: 'AWS::DynamoDB::Table', Condition: 'No' },
  },
}

const resolved: readonly [string, unknown, string][] = [
  ['a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-1'],
  ['a parameter by its default', { Ref: 'Plain' }, 'plain'],
  ['a parameter by the stored value', { Ref: 'Stored' }, 'large'],
  ['a stored list', { 'Fn::Select': [1, { Ref: 'Many' }] }, 'b'],
  ['a dynamic reference', '{{resolve:ssm:/app/size:3}}', 'large'],
  ['Ref of a resource by stack and logical id', { Ref: 'Role' }, 'App-Role'],
  ['Ref of a named resource', { Ref: 'Named' }, 'x-App'],
  ['GetAtt as a list', { 'Fn::GetAtt': ['Role', 'Arn'] }, 'arn:aws:iam::111122223333:role/App-Role'],
  ['GetAtt as a text', { 'Fn::GetAtt': 'Named.Arn' }, 'arn:aws:dynamodb:eu-west-1:111122223333:table/x-App'],
  ['Join without what is not there', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::NoValue' }, 'b']] }, 'a-b'],
  ['Join of a split', { 'Fn::Join': ['/', { 'Fn::Split': [',', 'a,b'] }] }, 'a/b'],
  [
    'Sub',
    { 'Fn::Sub': '${AWS::AccountId} ${Role.Arn} ${!Kept}' },
    '111122223333 arn:aws:iam::111122223333:role/App-Role ${Kept}',
  ],
  ['Sub with a map', { 'Fn::Sub': ['${Own} ${Plain}', { Own: { Ref: 'Role' } }] }, 'App-Role plain'],
  ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, { Ref: 'Stored' }] }, 'l'],
  ['If true', { 'Fn::If': ['Either', 'then', { Ref: 'Nothing' }] }, 'then'],
  ['If false', { 'Fn::If': ['Both', { Ref: 'Nothing' }, 'else'] }, 'else'],
  ['an export of another stack', { 'Fn::ImportValue': 'shared' }, 'from-base'],
  [
    'an output of another stack',
    { 'Fn::GetStackOutput': { StackName: 'Base', OutputName: 'Shared' } },
    'from-base',
  ],
  ['ToJsonString', { 'Fn::ToJsonString': { a: { Ref: 'Plain' } } }, '{"a":"plain"}'],
]

test.each(resolved)('resolves %s', (_, value, expected) => {
  using assembly = withOutput(value)

  const { outputs } = loadAssembly(assembly.directory, place)

  expect(outputs['App']?.['Out']).toBe(expected)
})

const refused: readonly [string, unknown, RegExp][] = [
  [
    'an attribute it does not know',
    { 'Fn::GetAtt': ['Odd', 'Arn'] },
    /App, output Out: App\/Odd \(AWS::Made::Up\) has no known attribute Arn/,
  ],
  ['a name that is not there', { Ref: 'Nothing' }, /stack App has nothing named Nothing/],
  ['a parameter without a value', { Ref: 'Open' }, /parameter Open of stack App has no default/],
  ['a stored parameter without a value', '{{resolve:ssm:/no}}', /needs the stored parameter \/no/],
  ['an export that is not there', { 'Fn::ImportValue': 'no' }, /no stack exports no/],
  ['a function it does not know', { 'Fn::Cidr': [] }, /Fn::Cidr is not supported/],
  [
    'a condition that depends on itself',
    { 'Fn::If': ['Loop', 1, 2] },
    /condition Loop of stack App depends on itself/,
  ],
  ['a selection outside the list', { 'Fn::Select': [2, ['a']] }, /Fn::Select finds nothing at 2/],
]

test.each(refused)('refuses %s and says where', (_, value, message) => {
  using assembly = withOutput(value)

  const load = () => loadAssembly(assembly.directory, place)

  expect(load).toThrow(message)
})

test('leaves out resources and outputs whose condition is false', () => {
  using assembly = fakeAssembly({
    stacks: { App: { ...template, Outputs: { Out: { Condition: 'No', Value: { Ref: 'Nothing' } } } } },
  })

  const { tables, outputs } = loadAssembly(assembly.directory, place)

  expect({ tables: tables.map(({ name }) => name), outputs }).toEqual({
    tables: ['x-App'],
    outputs: { App: {} },
  })
})

test('refuses a directory without an assembly', () => {
  using assembly = withOutput('x')

  const load = () => loadAssembly(`${assembly.directory}/nowhere`, place)

  expect(load).toThrow(/nowhere holds no cloud assembly .* synthesize first/)
})

function withOutput(value: unknown) {
  return fakeAssembly({
    stacks: {
      Base: { Outputs: { Shared: { Value: 'from-base', Export: { Name: 'shared' } } } },
      App: { ...template, Outputs: { Out: { Value: value } } },
    },
  })
}
