import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { announce, forget } from './trial/connection.ts'
import { exampleCatalogue, merged, REPOSITORY, WORKING_COPIES } from './trial/catalogue.ts'
import { explain, readOptions } from './trial/options.ts'
import { commitsOf, ensureExampleRepository } from './trial/repository.ts'
import { serve } from './trial/serve.ts'
import { untilStopped } from './trial/stop.ts'

const began = performance.now()
const root = fileURLToPath(new URL('../..', import.meta.url))
const options = readOptions(root)
const stopped = untilStopped()
const repository = ensureExampleRepository(join(root, '.drydock', 'example.git'))
const served = await serve({
  ...(options.data === undefined ? {} : { data: options.data }),
  port: options.port,
  transport: options.transport,
  catalogue: (hosts, declared) =>
    merged(
      declared,
      exampleCatalogue(hosts, 2, { url: pathToFileURL(repository).href, defaultBranch: 'main' }),
    ),
  onLog: (source, line) => {
    if (options.verbose) console.error(`${source}: ${line}`)
  },
}).catch((error: unknown) => explain(error, options.port))
const connection = { url: served.url, token: served.token, blueprint: WORKING_COPIES }
announce(options.announce, connection)

const commit = commitsOf(repository)[4] ?? 'main'
console.log(`Drydock is up after ${Math.round(performance.now() - began)} ms: 2 simulated hosts with 2 slots each.

  API    ${served.url}
  token  ${served.token}

Try, from another terminal:
  npx --no drydock run --repository ${REPOSITORY} --commit ${commit} -- sh -c 'git log -1 --oneline && ls'
  npx --no drydock pools
  curl -s -H 'Authorization: Bearer ${served.token}' ${served.url}/v1/leases

Ctrl-C stops it.${options.data === undefined ? ' Nothing is kept; npm start -- --data DIR keeps the state.' : ''}`)

await stopped
forget(options.announce, connection)
await served.close()
process.exit(0)
