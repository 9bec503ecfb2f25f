/** A field of a payload, in the order in which the host script shall read it. */
export type Field = readonly [name: string, value: string | number]

/** Linux takes no longer single argument or environment entry (`MAX_ARG_STRLEN`, 32 pages, with its NUL). */
export const LONGEST_ARGUMENT_BYTES = 131_071

const PLAIN = /^[A-Za-z0-9 _./:@%+,=~^-]*$/

/**
 * Writes fields as the lines that the host script reads: `name=value`, where every byte that is not plain is
 * `\0` and three octal digits, which a shell's own `printf %b` decodes without a process. The last line says
 * `end`, so that a payload cut short is never acted on; a command's input follows it, in base64. See docs/adr/010-payload-encoding.md.
 */
export function encodePayload(fields: readonly Field[], input: Uint8Array = new Uint8Array()): string {
  const after = Buffer.from(input).toString('base64')
  return [...fields.map(([name, value]) => `${name}=${escape(String(value))}`), 'end', after].join('\n')
}

function escape(value: string): string {
  if (PLAIN.test(value)) return value
  let escaped = ''
  for (const byte of Buffer.from(value, 'utf8')) {
    const character = String.fromCharCode(byte)
    escaped += PLAIN.test(character) ? character : `\\0${byte.toString(8).padStart(3, '0')}`
  }
  return escaped
}
