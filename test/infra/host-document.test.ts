import { Stack, Token } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import { HostDocument, hostDocument } from '../../infra/constructs/host-document.ts'
import { readDocument } from '../../infra/local/ssm/commands/document.ts'
import { loadHostScript } from '../../lib/host/script.ts'
import { synthesized } from './support/synthesized.ts'

const { assembly, service } = synthesized()
const [document, ...others] = assembly.documents

test('there is one document: ours, for the host script of this version, with one parameter that is plain', () => {
  const { sha256 } = loadHostScript()

  expect(others).toEqual([])
  expect(document?.content).toEqual(hostDocument(sha256))
  expect(JSON.stringify(document?.content)).toContain(`host-${sha256}.sh`)
  expect(hostDocument(sha256).parameters).toEqual({
    payload: expect.objectContaining({
      type: 'String',
      allowedPattern: '^[A-Za-z0-9_-]+$',
      maxChars: 32_000,
    }),
  })
  expect(service.findResources('AWS::SSM::Document')).toMatchObject({
    [document?.logicalId ?? '']: { Properties: { DocumentType: 'Command' } },
  })
})

test('a document of another content has another name, so that none changes under who uses it', () => {
  const nameFor = (scriptSha256: string) => {
    const stack = new Stack()
    const { name } = new HostDocument(stack, 'Document', { scriptSha256 })
    if (!Token.isUnresolved(name)) throw new Error('the name is no reference')
    const [found] = Object.values(Template.fromStack(stack).findResources('AWS::SSM::Document'))
    return String(found?.['Properties'].Name)
  }

  const names = ['0', '1', '0'].map((digit) => nameFor(digit.repeat(64)))

  expect(new Set(names).size).toBe(2)
  expect(names[0]).toBe(names[2])
  expect(names[0]).toMatch(/^drydock-host-[0-9a-f]{16}$/)
})

test('functions that reach hosts name the document, and it is understood by the local stack', () => {
  const reaching = assembly.functions.filter(({ environment }) => 'SSH_KEY_PARAMETER' in environment)
  const named = reaching.filter(({ environment }) => environment['HOST_DOCUMENT'] === document?.name)

  const read = readDocument(document?.name ?? '', document?.content)

  expect(named.length).toBeGreaterThan(4)
  expect(named).toEqual(reaching)
  expect(read.step).toMatchObject({ name: 'call', timeoutSeconds: 120 })
})
