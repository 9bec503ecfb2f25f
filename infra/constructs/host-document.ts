import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { CfnDocument } from 'aws-cdk-lib/aws-ssm'
import { Construct } from 'constructs'
import { HOST_DOCUMENT } from '../../lib/contract/host-document.ts'

/**
 * What a host runs for us over Systems Manager, and all that it runs: the fixed verbs of one host script, whoever may
 * send commands. Its name follows from its content, so that what is deployed never changes under who uses it.
 */
export class HostDocument extends Construct {
  readonly name: string

  constructor(scope: Construct, id: string, { scriptSha256 }: { readonly scriptSha256: string }) {
    super(scope, id)
    const content = hostDocument(scriptSha256)
    const digest = createHash('sha256').update(JSON.stringify(content)).digest('hex')
    const document = new CfnDocument(this, 'Document', {
      name: `drydock-host-${digest.slice(0, 16)}`,
      documentType: 'Command',
      documentFormat: 'JSON',
      content,
    })
    // A reference, so that it is there before whoever uses it.
    this.name = document.ref
  }
}

export interface DocumentContent {
  readonly schemaVersion: '2.2'
  readonly description: string
  readonly parameters: Readonly<Record<string, object>>
  readonly mainSteps: readonly object[]
}

/** The document for the host script with this hash. */
export function hostDocument(scriptSha256: string): DocumentContent {
  const text = readFileSync(new URL('host-document.sh', import.meta.url), 'utf8')
  return {
    schemaVersion: '2.2',
    description: 'Calls one verb of the host script of Drydock',
    parameters: {
      payload: {
        type: 'String',
        description: 'Header and body, as base64url',
        allowedPattern: HOST_DOCUMENT.payloadPattern,
        maxChars: HOST_DOCUMENT.payloadCharacters,
      },
    },
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: 'call',
        precondition: { StringEquals: ['platformType', 'Linux'] },
        inputs: {
          timeoutSeconds: String(HOST_DOCUMENT.executionSeconds),
          runCommand: text.replaceAll('@sha256@', scriptSha256).split('\n').filter(says),
        },
      },
    ],
  }
}

/** Comments would count for the 64 KB of a document and its payload. */
const says = (line: string): boolean => !/^\s*(?:#|$)/.test(line)
