const SECRET_NAMES =
  /token|secret|password|authorization|credential|privatekey|cookie|environment|argv|claims/i
const SECRET_TEXTS = [
  /drydock_(api|lease)_([0-9A-HJKMNP-TV-Z]{26})_[A-Za-z0-9_-]+/g,
  /\b()()eyJ[\w-]{4,}\.[\w-]+\.[\w-]*/g,
]
const DEEPEST = 6

/** Facts as they may be logged: nothing that authenticates, and nothing that callers run. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (typeof value !== 'object' || value === null) return value
  if (depth === DEEPEST) return '…'
  if (value instanceof Error) return { name: value.name, message: redactText(value.message) }
  if (Array.isArray(value)) return value.map((entry) => redact(entry, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [
      name,
      // A number is a count, and authenticates nothing.
      SECRET_NAMES.test(name) && typeof entry !== 'number' ? '[redacted]' : redact(entry, depth + 1),
    ]),
  )
}

export function redactText(text: string): string {
  return SECRET_TEXTS.reduce(
    (known, secret) =>
      known.replace(secret, (_, kind: string, id: string) =>
        kind === '' ? '[redacted]' : `drydock_${kind}_${id}_[redacted]`,
      ),
    text,
  )
}
