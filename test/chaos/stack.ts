/** What a run needs of a stack, whoever's process it is in. */
export interface RunningStack {
  readonly url: string
  readonly token: string
  readonly endpoints: Readonly<Record<string, string>>
}

/** Calls a function as everybody may: over the Invoke API. Undefined where it failed or could not be reached. */
export async function invoke(
  { endpoints }: Pick<RunningStack, 'endpoints'>,
  functionName: string,
  payload: object,
): Promise<unknown> {
  const path = `/2015-03-31/functions/${functionName}/invocations`
  try {
    const response = await fetch(endpoints['lambda'] + path, {
      method: 'POST',
      body: JSON.stringify(payload),
    })
    const answer: unknown = await response.json()
    return response.ok && !response.headers.has('x-amz-function-error') ? answer : undefined
  } catch {
    return undefined
  }
}
