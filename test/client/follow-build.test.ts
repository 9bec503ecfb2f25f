import { expect, test } from 'vitest'
import { followBuild } from '../../lib/client/build.ts'
import { createClient } from '../../lib/client/api.ts'

const BUILD = '01J00000000000000000000000'

/** A service whose output of the build is as this says for each offset, one answer after the other. */
function clientOf(answers: readonly { readonly status: number; readonly body: object }[]) {
  const asked: string[] = []
  const ahead = [...answers]
  const answer: typeof fetch = async (target) => {
    asked.push(new URL(target instanceof Request ? target.url : target).searchParams.get('after') ?? '')
    const { status, body } = ahead.shift() ?? { status: 404, body: {} }
    const type = status === 200 ? 'application/json' : 'application/problem+json'
    return new Response(JSON.stringify(body), { status, headers: { 'content-type': type } })
  }
  return { asked, client: createClient({ url: 'https://drydock.example', token: 't', fetch: answer }) }
}

const said = (generation: number, text: string) => {
  const base64 = Buffer.from(text).toString('base64')
  const chunks = [{ step: 1, offset: 0, stream: 'stdout', base64 }]
  return { status: 200, body: { generation, chunks, next: text.length, ended: false } }
}
const beyond = (generation: number) => ({
  status: 416,
  body: {
    type: 'beyond_end',
    title: 'beyond_end',
    status: 416,
    code: 'beyond_end',
    detail: 'There are 0 bytes of output.',
    hints: { bytes: 0, generation },
  },
})

test('a build that was begun anew is followed from its beginning, before it has said as much as before', async () => {
  const { client, asked } = clientOf([said(1, 'old one'), beyond(2), said(2, 'new'), said(2, 'new')])
  const output = followBuild(client, BUILD)

  const pieces = [await output.next(), await output.next()]

  const texts = pieces.map(({ value }) => Buffer.from((value as { bytes: Uint8Array }).bytes).toString())
  expect(texts).toEqual(['old one', 'new'])
  expect(asked).toEqual(['0', '7', '0', '0'])
})

test('an offset that is beyond the end of the very generation that is followed is a fault that is told', async () => {
  const { client } = clientOf([said(1, 'old one'), beyond(1)])
  const output = followBuild(client, BUILD)
  await output.next()

  const second = output.next()

  await expect(second).rejects.toMatchObject({ code: 'beyond_end' })
})
