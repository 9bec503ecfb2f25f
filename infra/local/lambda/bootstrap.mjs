// The runtime inside a function's process: asks our Runtime API for one invocation after another.
// Plain JavaScript, because stripping types would cost every cold start 30 ms.
import { Agent, request } from 'node:http'
import { flushCompileCache } from 'node:module'
import process from 'node:process'
import { loadHandler } from './bootstrap-handler.mjs'

const environment = process.env
const [host, port] = (environment.AWS_LAMBDA_RUNTIME_API ?? '').split(':')
const agent = new Agent({ keepAlive: true, maxSockets: 1, timeout: 0 })
/** @type {string | undefined} */
let current

process.on('uncaughtException', (error) => void die(error, 'Runtime.UnhandledError'))
process.on('unhandledRejection', (error) => void die(error, 'Runtime.UnhandledPromiseRejection'))

try {
  const handler = await loadHandler(environment.LAMBDA_TASK_ROOT ?? '.', environment._HANDLER ?? '')
  await serve(handler)
} catch (error) {
  await die(error)
}

/** @param {(event: unknown, context: object) => unknown} handler */
async function serve(handler) {
  for (let first = true; ; first = false) {
    const { headers, body } = await call('GET', 'invocation/next')
    current = String(headers['lambda-runtime-aws-request-id'])
    environment._X_AMZN_TRACE_ID = String(headers['lambda-runtime-trace-id'])
    await answer(current, handler, body, contextOf(headers))
    current = undefined
    // Only now, so that what the first invocation compiled is kept too; the process ends by SIGKILL and
    // would never write it by itself.
    if (first) flushCompileCache()
  }
}

async function answer(id, handler, body, context) {
  let result
  try {
    result = stringify(await handler(JSON.parse(body), context))
  } catch (error) {
    await report(`invocation/${id}/error`, error)
    return
  }
  await call('POST', `invocation/${id}/response`, result)
}

function stringify(value) {
  try {
    return JSON.stringify(value) ?? 'null'
  } catch (error) {
    throw Object.assign(new Error(`Unable to stringify response body: ${error.message}`), {
      name: 'Runtime.MarshalError',
    })
  }
}

function contextOf(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms'])
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: environment.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  }
}

async function die(error, name) {
  await report(current === undefined ? 'init/error' : `invocation/${current}/error`, error, name)
  process.exit(current === undefined ? 1 : 129)
}

async function report(path, error, name) {
  const isError = error instanceof Error
  const failure = {
    errorType: name ?? (isError ? error.name : typeof error),
    errorMessage: isError ? error.message : String(error),
    trace: isError ? (error.stack ?? '').split('\n') : [],
  }
  console.error(JSON.stringify(failure))
  await call('POST', path, JSON.stringify(failure), {
    'Lambda-Runtime-Function-Error-Type': encodeURIComponent(failure.errorType),
  })
}

/** One call of the Runtime API. A lost connection means that nobody is there to work for. */
function call(method, path, body, headers = {}) {
  return new Promise((resolve) => {
    const outgoing = request({
      host,
      port,
      method,
      path: `/2018-06-01/runtime/${path}`,
      agent,
      headers: body === undefined ? headers : { ...headers, 'Content-Length': Buffer.byteLength(body) },
    })
    outgoing.on('error', () => process.exit(1))
    outgoing.on('response', (incoming) => {
      const chunks = []
      incoming.on('data', (chunk) => chunks.push(chunk))
      incoming.on('error', () => process.exit(1))
      incoming.on('end', () => resolve({ headers: incoming.headers, body: Buffer.concat(chunks).toString() }))
    })
    outgoing.end(body)
  })
}
