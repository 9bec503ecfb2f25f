import type { Json } from '../json.ts'
import type { Branch } from './execution.ts'
import { whole } from './history.ts'
import type { Outcome } from './outcome.ts'
import { record, stateOf, type Turn } from './turn.ts'

export function enter(turn: Turn, branch: Branch, name: string, input: Json, inputText: string): void {
  branch.state = name
  branch.input = input
  branch.enteredAt = turn.clock.now()
  branch.retries = []
  const { type } = stateOf(turn.execution, branch)
  record(turn, branch, `${type}StateEntered`, { name, input: inputText, inputDetails: whole })
}

export function exit(
  turn: Turn,
  branch: Branch,
  { outputText, assigned }: Extract<Outcome, { kind: 'leave' }>,
): void {
  const { name, type } = stateOf(turn.execution, branch)
  const variables = Object.entries(assigned).map(([variable, value]) => [variable, JSON.stringify(value)])
  record(turn, branch, `${type}StateExited`, {
    name,
    output: outputText,
    outputDetails: whole,
    ...(variables.length > 0 && {
      assignedVariables: Object.fromEntries(variables),
      assignedVariablesDetails: whole,
    }),
  })
  if (variables.length > 0) branch.variables = { ...branch.variables, ...assigned }
}
