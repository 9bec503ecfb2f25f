/** A state's failure, as Retry and Catch see it. */
export interface Failure {
  readonly error: string
  readonly cause: string
}

/** Thrown while a state is worked on; caught in one place, where Retry and Catch are looked at. */
export class StateFailure extends Error {
  readonly failure: Failure
  /** The field whose expression failed, for the history. */
  readonly location: string | undefined

  constructor(error: string, cause: string, location?: string) {
    super(`${error}: ${cause}`)
    this.failure = { error, cause }
    this.location = location
  }
}

/** What the execution is told when something else than a state's own failure was thrown. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof StateFailure) return thrown.failure
  return { error: 'States.Runtime', cause: thrown instanceof Error ? thrown.message : String(thrown) }
}

const neverCaught = 'States.Runtime'
const onlyByName = 'States.DataLimitExceeded'
const timeouts = new Set(['States.Timeout', 'States.HeartbeatTimeout'])

/** Whether an `ErrorEquals` list names this error, with the meaning of the reserved names. */
export function matches(errorEquals: readonly string[], error: string): boolean {
  if (error === neverCaught) return false
  return errorEquals.some((name) => {
    if (name === error) return true
    if (name === 'States.ALL') return error !== onlyByName
    if (name === 'States.TaskFailed') return error !== onlyByName && !timeouts.has(error)
    return name === 'States.Timeout' && timeouts.has(error)
  })
}
