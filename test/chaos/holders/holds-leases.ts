import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from '../../../lib/client/api.ts'
import { hold } from '../../../lib/client/hold.ts'

// A job's process that holds leases and works in them until somebody kills it; says the id of each that works.
const [url = '', blueprint = '', count = '1', ttl = '60', nap = '6000'] = process.argv.slice(2)
const client = createClient({ url, token: process.env['DRYDOCK_TOKEN'] ?? '' })

await Promise.all(
  Array.from({ length: Number(count) }, async (_, index) => {
    await delay(index * 500) // so that their renewals do not fall together
    await hold(client, { blueprint, ttlSeconds: Number(ttl) }, async (held, signal) => {
      const command = await held.run(['sh', '-c', `setsid sleep ${nap} & trap '' TERM; sleep ${nap}; wait`])
      console.log(held.lease.id)
      await Promise.race([
        command.ended(),
        new Promise((resolve) => signal.addEventListener('abort', resolve)),
      ])
    })
  }),
)
