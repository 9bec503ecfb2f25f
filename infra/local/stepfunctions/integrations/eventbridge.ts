/** `PutEvents` over its public protocol (JSON 1.1), wherever it is served; entries that fail alone fail no task. */
export function eventIntegrations(
  endpoint: () => Promise<string>,
): Readonly<Record<'eventbridge:putEvents', (parameters: Record<string, unknown>) => Promise<unknown>>> {
  return {
    'eventbridge:putEvents': async (parameters) => {
      const response = await fetch(await endpoint(), {
        method: 'POST',
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutEvents' },
        body: JSON.stringify(parameters),
      })
      const answer = (await response.json()) as { readonly __type?: string; readonly message?: string }
      if (response.ok) return answer
      throw Object.assign(new Error(answer.message ?? response.statusText), {
        name: answer.__type?.replace(/^.*#/, '') ?? 'ServiceException',
      })
    },
  }
}
