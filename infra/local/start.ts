import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { announce, forget } from './trial/connection.ts'
import { exampleCatalogue, merged, REPOSITORY, WORKING_COPIES } from './trial/catalogue.ts'
import { commitsOf, ensureExampleRepository } from './trial/repository.ts'
import { serve } from './trial/serve.ts'
import { untilStopped } from './trial/stop.ts'

const began = performance.now()
const root = fileURLToPath(new URL('../..', import.meta.url))
const HELP = `npm start [-- options]
  --data DIR       keep the state in DIR over restarts (default: nothing outlives this process)
  --port N         of the HTTP API (default 8440; 0 = any free one)
  --announce DIR   where the CLI finds this installation when it is started there (default: the project)
  --verbose        show what the functions log`

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    port: { type: 'string', default: '8440' },
    announce: { type: 'string', default: root },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(HELP)
  process.exit(0)
}

const stopped = untilStopped()
const repository = ensureExampleRepository(join(root, '.drydock', 'example.git'))
const served = await serve({
  ...(values.data === undefined ? {} : { data: values.data }),
  port: Number(values.port),
  catalogue: (hosts, declared) =>
    merged(
      declared,
      exampleCatalogue(hosts, 2, { url: pathToFileURL(repository).href, defaultBranch: 'main' }),
    ),
  onLog: (source, line) => {
    if (values.verbose) console.error(`${source}: ${line}`)
  },
})
const connection = { url: served.url, token: served.token, blueprint: WORKING_COPIES }
announce(values.announce, connection)

const commit = commitsOf(repository)[4] ?? 'main'
console.log(`Drydock is up after ${Math.round(performance.now() - began)} ms: 2 simulated hosts with 2 slots each.

  API    ${served.url}
  token  ${served.token}

Try, from another terminal:
  npx --no drydock run --repository ${REPOSITORY} --commit ${commit.slice(0, 12)} -- sh -c 'git log -1 --oneline && ls'
  npx --no drydock pools
  curl -s -H 'Authorization: Bearer <token>' ${served.url}/v1/leases

Ctrl-C stops it.${values.data === undefined ? ' Nothing is kept; --data DIR keeps the state.' : ''}`)

await stopped
forget(values.announce, connection)
await served.close()
process.exit(0)
