import type { Json } from '../assembly/json.ts'
import type { Deliver } from '../events/bus.ts'
import type { Lambda } from '../lambda/start.ts'

/** Hands events to functions (asynchronously, as the service does) and to state machines. */
export function deliverTo(options: {
  readonly functions: Promise<Lambda>
  readonly statesEndpoint: () => Promise<string>
}): Deliver {
  return async (targetArn, input) => {
    const service = targetArn.split(':')[2]
    if (service === 'lambda') {
      const { accepted } = (await options.functions).send(targetArn, JSON.stringify(input))
      if (!accepted) throw new Error('there is no such function')
    } else if (service === 'states') {
      await startExecution(await options.statesEndpoint(), targetArn, input)
    } else {
      throw new Error(`targets of ${service} are not supported`)
    }
  }
}

async function startExecution(endpoint: string, stateMachineArn: string, input: Json): Promise<void> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AWSStepFunctions.StartExecution',
    },
    body: JSON.stringify({ stateMachineArn, input: JSON.stringify(input) }),
  })
  if (!response.ok) throw new Error(await response.text())
}
