import { HOST_DOCUMENT } from '../../contract/host-document.ts'

/** One thing that a host shall do; its body goes to the host script on stdin, or is the script itself. */
export interface Message {
  readonly directory: string
  /** Names the parts of one message; another one for each message. */
  readonly id: string
  /** Epoch seconds, by the host's clock. */
  readonly notAfter: number
  readonly task: string
  readonly body: string
}

const ROOM = (HOST_DOCUMENT.payloadCharacters / 4) * 3
const LONGEST_END = '\n\nbody\n'.length

/**
 * The payloads that bring a message to a host. All but the last only store a part, in any order; the last one, when
 * all others are there, does what is asked for.
 */
export function payloadsOf(message: Message): readonly [parts: readonly string[], last: string] {
  const body = Buffer.from(message.body, 'utf8')
  const room = ROOM - headerOf(message, 9_999, 9_999).length - LONGEST_END
  const count = Math.max(1, Math.ceil(body.length / room))
  const payloads = Array.from({ length: count }, (_, at) => {
    const header = headerOf(message, at + 1, count)
    return encode(header, body.subarray(at * room, (at + 1) * room))
  })
  return [payloads.slice(0, -1), payloads.at(-1) ?? '']
}

const headerOf = ({ directory, id, notAfter, task }: Message, part: number, parts: number): string =>
  `directory=${directory}\nid=${id}\nnot-after=${notAfter}\npart=${part}\nparts=${parts}\ntask=${task}\n`

/**
 * `base64 -d` of a host knows no base64url and wants whole groups of four: the document exchanges the two characters,
 * and the empty lines before the body make the groups whole.
 */
function encode(header: string, body: Buffer): string {
  const missing = (3 - ((header.length + 'body\n'.length + body.length) % 3)) % 3
  return Buffer.concat([Buffer.from(`${header}${'\n'.repeat(missing)}body\n`), body]).toString('base64url')
}
