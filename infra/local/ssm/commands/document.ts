import { ServiceError } from '../../wire/json-service.ts'

/** A command document, as far as it is understood here: one step that runs a shell script. */
export interface CommandDocument {
  readonly name: string
  readonly parameters: Readonly<Record<string, DocumentParameter>>
  readonly step: { readonly name: string; readonly timeoutSeconds: number; readonly lines: readonly string[] }
  readonly characters: number
}

interface DocumentParameter {
  readonly default?: string
  readonly allowedPattern?: string
  readonly maxChars?: number
}

/** Of a document with its parameters, as AWS documents it for CreateDocument. */
const largest = 65_536

/** @throws Error that says what is not understood */
export function readDocument(name: string, content: unknown): CommandDocument {
  const {
    schemaVersion,
    parameters = {},
    mainSteps = [],
  } = content as {
    readonly schemaVersion?: string
    readonly parameters?: Readonly<Record<string, DocumentParameter & { readonly type?: string }>>
    readonly mainSteps?: readonly {
      readonly action?: string
      readonly name?: string
      readonly inputs?: { readonly runCommand?: readonly string[]; readonly timeoutSeconds?: string | number }
    }[]
  }
  const [step, ...others] = mainSteps
  if (schemaVersion !== '2.2' || step?.action !== 'aws:runShellScript' || others.length > 0) {
    throw new Error(`document ${name}: only one step aws:runShellScript of schema 2.2 runs here`)
  }
  const strange = Object.entries(parameters).find(([, { type }]) => type !== 'String')
  if (strange) throw new Error(`document ${name}: parameter ${strange[0]} is no String`)
  const { runCommand = [], timeoutSeconds = 3_600 } = step.inputs ?? {}
  return {
    name,
    parameters,
    step: { name: step.name ?? '', timeoutSeconds: Number(timeoutSeconds), lines: runCommand },
    characters: JSON.stringify(content).length,
  }
}

/** The lines to run. @throws ServiceError as SendCommand answers when the parameters do not fit the document */
export function linesOf(document: CommandDocument, given: Readonly<Record<string, unknown>>): string[] {
  const size = document.characters + JSON.stringify(given).length
  if (size > largest) throw new ServiceError('MaxDocumentSizeExceeded', `${size} bytes of at most ${largest}`)
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(document.parameters, name))
  if (unknown !== undefined) throw invalid(`document ${document.name} has no parameter ${unknown}`)
  const values = new Map(
    Object.entries(document.parameters).map(([name, parameter]) => [
      name,
      checked(name, parameter, given[name]),
    ]),
  )
  return document.step.lines.map((line) =>
    line.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => values.get(name) ?? whole),
  )
}

function checked(name: string, parameter: DocumentParameter, given: unknown): string {
  const value = given === undefined ? parameter.default : Array.isArray(given) ? given[0] : undefined
  if (typeof value !== 'string') throw invalid(`parameter ${name} must be a list of one text`)
  if (parameter.maxChars !== undefined && value.length > parameter.maxChars) {
    throw invalid(`parameter ${name} has more than ${parameter.maxChars} characters`)
  }
  if (parameter.allowedPattern !== undefined && !new RegExp(parameter.allowedPattern).test(value)) {
    throw invalid(`parameter ${name} does not match ${parameter.allowedPattern}`)
  }
  return value
}

const invalid = (message: string): ServiceError => new ServiceError('InvalidParameters', message)
