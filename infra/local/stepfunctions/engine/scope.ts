import type { Scope } from '../asl/query.ts'
import { exceedsPayload, type Json, type JsonObject } from '../json.ts'
import { StateFailure } from '../asl/failure.ts'
import type { Branch, Execution } from './execution.ts'
import { roleArnOf } from './history.ts'

/** What the expressions of a state can see; `more` adds `result`, `errorOutput` or the task's token. */
export function scopeOf(
  execution: Execution,
  branch: Branch,
  more: { result?: Json; errorOutput?: Json; token?: string | null; item?: Branch['item'] } = {},
): Scope {
  const item = more.item ?? itemOf(execution, branch)
  const context: JsonObject = {
    Execution: {
      Id: execution.arn,
      Name: execution.name,
      Input: execution.input,
      StartTime: new Date(execution.startedAt).toISOString(),
      RoleArn: roleArnOf(execution.machine.arn),
      RedriveCount: 0,
    },
    StateMachine: { Id: execution.machine.arn, Name: execution.machine.name },
    State: {
      Name: branch.state,
      EnteredTime: new Date(branch.enteredAt).toISOString(),
      RetryCount: branch.retries.reduce((sum, count) => sum + count, 0),
    },
    ...(more.token && { Task: { Token: more.token } }),
    ...(item && { Map: { Item: { Index: item.Index, Value: item.Value } } }),
  }
  return {
    variables: branch.variables,
    states: {
      input: branch.input,
      context,
      ...(more.result !== undefined && { result: more.result }),
      ...(more.errorOutput !== undefined && { errorOutput: more.errorOutput }),
    },
  }
}

function itemOf(execution: Execution, branch: Branch): Branch['item'] {
  if (branch.item || branch.parent === null) return branch.item
  const parent = execution.branches.get(branch.parent)
  return parent ? itemOf(execution, parent) : null
}

/** JSON text of a payload. @throws StateFailure States.DataLimitExceeded */
export function payloadText(value: Json, what: string): string {
  const text = JSON.stringify(value)
  if (exceedsPayload(text)) {
    throw new StateFailure('States.DataLimitExceeded', `The ${what} is larger than 262144 bytes.`)
  }
  return text
}
