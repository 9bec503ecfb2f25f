import { messages } from './messages.ts'
import type { Code, Data } from './messages.ts'
import { oneLine } from './show/plain.ts'

/** `json`: results on stdout, news on stderr; `lines`: everything on stdout, one object with code and data per line. */
export type Mode = 'text' | 'json' | 'lines'

export interface Terminal {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly environment: Readonly<Record<string, string | undefined>>
}

export interface Screen {
  readonly mode: Mode
  readonly say: <C extends Code>(code: C, data: Data<C>) => void
  /** A command's bytes as they are (for machines as `command_output`); resolves when the stream has taken them, rejects when nobody reads any more. */
  readonly pass: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => Promise<void>
  /** Folds what is said until `endGroup` on GitHub; elsewhere nothing. */
  readonly group: (title: string) => void
  readonly endGroup: () => void
}

const ERASE = '\r\u001b[2K'

export function createScreen({ stdout, stderr, environment }: Terminal, mode: Mode): Screen {
  const live = mode === 'text' && stderr.isTTY
  const folds = mode === 'text' && environment['GITHUB_ACTIONS'] === 'true'
  let shown = ''
  let grouped = false

  const clear = () => {
    if (live && shown !== '') stderr.write(ERASE)
    shown = ''
  }
  const inText = (kind: (typeof messages)[Code]['kind'], text: string) => {
    if (kind === 'result') {
      clear()
      stdout.write(`${text}\n`)
    } else if (kind !== 'progress') {
      clear()
      stderr.write(`drydock: ${oneLine(text)}\n`)
    } else if (text !== shown) {
      stderr.write(live ? `${ERASE}drydock: ${oneLine(text)}` : `drydock: ${oneLine(text)}\n`)
      shown = text
    }
  }
  return {
    mode,
    say: (code, data) => {
      const message = messages[code] as {
        kind: (typeof messages)[Code]['kind']
        text: (data: unknown) => string
      }
      if (mode === 'text') inText(message.kind, message.text(data))
      else if (mode === 'lines') stdout.write(`${JSON.stringify({ code, data })}\n`)
      else if (message.kind === 'result') stdout.write(`${JSON.stringify(data)}\n`)
      else stderr.write(`${JSON.stringify({ code, data })}\n`)
    },
    pass: async (stream, bytes) => {
      clear()
      if (mode === 'text') return write(stream === 'stdout' ? stdout : stderr, bytes)
      const data: Data<'command_output'> = { stream, base64: Buffer.from(bytes).toString('base64') }
      return write(stdout, `${JSON.stringify({ code: 'command_output', data })}\n`)
    },
    group: (title) => {
      if (folds) stderr.write(`::group::${oneLine(title)}\n`)
      grouped = folds
    },
    endGroup: () => {
      if (grouped) stderr.write('::endgroup::\n')
      grouped = false
    },
  }
}

function write(stream: NodeJS.WriteStream, bytes: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => (error ? reject(error) : resolve()))
  })
}
