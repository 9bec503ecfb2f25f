import type { HostAnswer, HostFailureCode } from '../app/ports/hosts.ts'

/** What a verb printed, split into its fields; which fields there are depends on the verb. */
export type Fields = ReadonlyMap<string, string>

const FAILURES: Readonly<Record<HostFailureCode, true>> = {
  unreachable: true,
  host_key_mismatch: true,
  script_changed: true,
  authentication_failed: true,
  script_failed: true,
  not_empty: true,
  disk_full: true,
  unknown_commit: true,
  bad_ref: true,
  bad_url: true,
  shallow_source: true,
  fetch_failed: true,
  unproven: true,
  unknown_command: true,
  bad_directory: true,
  bad_payload: true,
  unknown_branch: true,
  unrelated_histories: true,
  not_linear: true,
  push_refused: true,
  push_failed: true,
}

/**
 * Reads the host script's answer: a verdict, `name=value` lines, `end`.
 * `undefined` when it is not a whole answer (the script crashed, or the connection was cut).
 */
export function parseAnswer(text: string): HostAnswer<Fields> | undefined {
  const lines = text.split('\n')
  const end = lines.indexOf('end')
  const [verdict, ...details] = (lines[0] ?? '').split(' ')
  if (end < 1) return undefined
  const fields = new Map(lines.slice(1, end).map(splitLine))
  if (verdict === 'done') return { kind: 'done', value: fields }
  if (verdict === 'refused') return refusal(details[0], fields)
  if (verdict === 'failed') return failure(details, fields)
  return undefined
}

function splitLine(line: string): [string, string] {
  const at = line.indexOf('=')
  return [line.slice(0, at), line.slice(at + 1)]
}

function refusal(code: string | undefined, fields: Fields): HostAnswer<Fields> | undefined {
  const detail = `the slot is at epoch ${fields.get('current')}, ${fields.get('status')}`
  if (code === 'stale' || code === 'closed' || code === 'opening') return { kind: 'refused', code, detail }
  if (code === 'unknown') return { kind: 'refused', code, detail, seen: fields.get('seen') || null }
  return undefined
}

function failure([fault, code]: readonly string[], fields: Fields): HostAnswer<Fields> | undefined {
  if (fault !== 'request' && fault !== 'remote' && fault !== 'host') return undefined
  if (!isFailureCode(code)) return undefined
  const detail = Buffer.from(fields.get('detail64') ?? '', 'base64').toString('utf8')
  return { kind: 'failed', fault, code, detail }
}

function isFailureCode(code: string | undefined): code is HostFailureCode {
  return code !== undefined && Object.hasOwn(FAILURES, code)
}
