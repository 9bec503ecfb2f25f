import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { pathToFileURL } from 'node:url'
import { exampleCatalogue } from '../../../infra/local/trial/catalogue.ts'
import { ensureExampleRepository } from '../../../infra/local/trial/repository.ts'
import { serve } from '../../../infra/local/trial/serve.ts'
import { untilStopped } from '../../../infra/local/trial/stop.ts'

// The whole local stack as `npm start -- --data DIR` has it, in a process that may be killed; says where it is.
const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '' },
    port: { type: 'string', default: '0' },
    hosts: { type: 'string', default: '' },
    slots: { type: 'string', default: '2' },
  },
})
const stopped = untilStopped()
const repository = ensureExampleRepository(join(values.data, 'example.git'))
const served = await serve({
  data: values.data,
  port: Number(values.port),
  hosts: values.hosts.split(','),
  catalogue: (hosts) =>
    exampleCatalogue(hosts, Number(values.slots), {
      url: pathToFileURL(repository).href,
      defaultBranch: 'main',
    }),
})
const { url, token, endpoints } = served
console.log(JSON.stringify({ url, token, endpoints }))
await stopped
await served.close()
process.exit(0)
