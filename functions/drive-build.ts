import { driveBuild } from '../lib/app/builds/drive-build.ts'
import type { BuildRoute, BuildStepInput } from '../lib/contract/machines.ts'
import { composeCore } from '../lib/runtime/core.ts'
import { environment } from '../lib/runtime/environment.ts'
import { lazy } from '../lib/runtime/lazy.ts'
import { composeParameters } from '../lib/runtime/parameters.ts'
import { createSecrets } from '../lib/runtime/secrets.ts'
import { serverKey } from '../lib/runtime/server-key.ts'
import { step } from '../lib/runtime/step.ts'

const ports = lazy(() => {
  const variables = environment('drive-build')
  const parameters = composeParameters()
  const secrets = createSecrets(() => serverKey(parameters, variables.TOKEN_KEY_PARAMETER))
  return { ...composeCore(variables), secrets }
})

/** Takes one step of a build, as its record asks for it, and says where its execution goes next. */
export const handler = step(({ buildId, generation, act, faulty }: BuildStepInput): Promise<BuildRoute> =>
  driveBuild(ports(), buildId, generation, act, faulty),
)
