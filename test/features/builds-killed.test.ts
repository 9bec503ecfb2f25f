import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freePort } from '../../infra/local/processes/free-port.ts'
import { REPOSITORY } from '../../infra/local/trial/catalogue.ts'
import { openScratch } from '../../infra/local/trial/scratch.ts'
import { createClient } from '../../lib/client/api.ts'
import type { Client } from '../../lib/client/api.ts'
import { followBuild } from '../../lib/client/build.ts'
import type { Build } from '../../lib/contract/build.ts'
import { startProgram } from '../chaos/restart/program.ts'
import type { Death, Program } from '../chaos/restart/program.ts'
import { eventually, mentioning } from './support/observe.ts'

/** The whole stack in a process that is killed in the middle of a build and started again with the same data. */
let scratch: ReturnType<typeof openScratch>
let program: Program
let start: () => Promise<Client>
beforeEach(async () => {
  scratch = openScratch()
  const place = { data: join(scratch.directory, 'data'), port: await freePort(), hosts: ['alpha'], slots: 1 }
  start = async () => {
    program = startProgram(place)
    const { url, token } = await program.up
    return createClient({ url, token, retries: 20 })
  }
})
afterEach(async () => {
  await program.stop()
  expect(mentioning(scratch.directory)).toEqual([])
  scratch.remove()
})

const LINES = 40
const count = `i=0; while [ $i -lt ${LINES} ]; do i=$((i + 1)); echo "line $i"; sleep 0.1; done`

async function killedInTheMiddle(death: Death, retries: number): Promise<{ build: Build; said: string }> {
  const before = await start()
  const steps = [{ script: count }, { script: 'echo "last of $DRYDOCK_GENERATION"' }]
  const { id } = await before.createBuild({ body: { repository: REPOSITORY, steps, retries } })
  await eventually('the first step is under way', async () => {
    const { next } = await before.buildOutput({ id, wait: 1 })
    return next > 0
  })

  await program.kill(death)
  const after = await start()

  const output = followBuild(after, id)
  for (let said = ''; ;) {
    const piece = await output.next()
    if (piece.done) return { build: piece.value, said }
    said += Buffer.from(piece.value.bytes).toString()
  }
}

const lines = Array.from({ length: LINES }, (_, index) => `line ${index + 1}\n`).join('')

test('the whole stack is killed while a step runs: the step goes on, and no line is lost or said twice', async () => {
  const { build, said } = await killedInTheMiddle('everything', 0)

  expect(build).toMatchObject({ status: 'ended', outcome: 'succeeded', generation: 1 })
  expect(said).toBe(`${lines}last of 1\n`)
}, 240_000)

test('the hosts die with it: what ran is lost and said to be, and a build that may try again does', async () => {
  const { build, said } = await killedInTheMiddle('alone', 1)

  expect(build).toMatchObject({ status: 'ended', outcome: 'succeeded', generation: 2, retriesLeft: 0 })
  expect(said.endsWith(`${lines}last of 2\n`)).toBe(true)
}, 240_000)
