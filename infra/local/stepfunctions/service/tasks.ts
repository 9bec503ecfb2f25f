import { z } from 'zod'
import type { Engine } from '../engine/engine.ts'
import { isToken } from '../engine/token.ts'
import { ServiceError } from './error.ts'
import type { Operations } from './machines.ts'
import { jsonText, operation, shortText } from './request.ts'

const taskToken = z.string().min(1).max(2048)
const success = z.object({ taskToken, output: jsonText('InvalidOutput') })
const failure = z.object({ taskToken, error: shortText(256), cause: shortText(32_768) })

export function taskOperations(engine: Engine): Operations {
  return {
    SendTaskSuccess: operation(success, async ({ taskToken, output }) =>
      accepted(await engine.settleToken(valid(taskToken), { ok: true, output })),
    ),
    SendTaskFailure: operation(failure, async ({ taskToken, error = '', cause = '' }) =>
      accepted(await engine.settleToken(valid(taskToken), { ok: false, error, cause })),
    ),
    SendTaskHeartbeat: operation(z.object({ taskToken }), async ({ taskToken }) =>
      accepted(await engine.heartbeat(valid(taskToken))),
    ),
  }
}

/** A token is a bearer secret: no message repeats it. */
function valid(token: string): string {
  if (!isToken(token)) throw new ServiceError('InvalidToken', 'The task token is not valid.')
  return token
}

function accepted(found: boolean): object {
  if (!found) throw new ServiceError('TaskTimedOut', 'The task has timed out or was closed already.')
  return {}
}
