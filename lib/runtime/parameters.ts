import { SSMClient } from '@aws-sdk/client-ssm'
import { createParameterStore } from '../adapters/parameters/parameters.ts'
import type { ParameterStore } from '../adapters/parameters/parameters.ts'
import { systemClock } from './clock.ts'
import { connections } from './connections.ts'

export const composeParameters = (): ParameterStore =>
  createParameterStore(new SSMClient({ requestHandler: connections }), systemClock)
