import { pollRouter } from '../lib/http/api.ts'
import { createHandler } from '../lib/http/handler.ts'
import type { ApiEvent } from '../lib/http/request.ts'
import { gzip } from '../lib/runtime/compression.ts'
import { composeCore } from '../lib/runtime/core.ts'
import { environment } from '../lib/runtime/environment.ts'
import { lazy } from '../lib/runtime/lazy.ts'
import { observer } from '../lib/runtime/observer.ts'

const route = lazy(() => pollRouter({ ...composeCore(environment('poll')), compression: gzip }))

/** The routes that wait for a change. */
export const handler = createHandler(async (event: ApiEvent) => route()(event), observer)
