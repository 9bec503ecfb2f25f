import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { canReap, startReaper } from '../../../infra/local/processes/reaper.ts'
import { carrying, eventually, groupOf } from './inspect.ts'
import { startParent } from './parent.ts'

const newMarker = (): string => `LOCAL_STACK=${randomUUID()}`

describe.runIf(canReap)('the reaper (Linux)', () => {
  test('detached marked processes and the reaper are gone after the parent was killed by SIGKILL', async () => {
    const marker = newMarker()
    await using held = await startParent('holds-a-reaper', marker)
    const before = carrying(marker)

    held.parent.kill('SIGKILL')

    await eventually('no marked process is left', () => carrying(marker).length === 0)
    await eventually('the reaper is gone', () => groupOf(held.pid).length === 0)
    expect(before.length).toBeGreaterThanOrEqual(2)
  })

  test('reap kills exactly the marked processes, and the reaper goes on', async () => {
    const marker = newMarker()
    const reaper = startReaper(marker)
    const other = detachedSleep(`${marker}0`)
    const first = detachedSleep(marker)
    await eventually('both are up', () => carrying(marker).length + carrying(`${marker}0`).length === 2)

    await reaper.reap()

    expect(carrying(marker)).toEqual([])
    expect(carrying(`${marker}0`)).toEqual([other.pid])
    const second = detachedSleep(marker)
    await eventually('the second is up', () => carrying(marker).length === 1)
    await reaper.reap()
    expect(carrying(marker)).toEqual([])
    other.kill('SIGKILL')
    await Promise.all([first, second, other].map(ended))
    await reaper.close()
  })

  test('close kills the marked processes and ends the reaper', async () => {
    const marker = newMarker()
    const reaper = startReaper(marker)
    const job = detachedSleep(marker)
    await eventually('it is up', () => carrying(marker).length === 1)

    await reaper.close()

    expect(carrying(marker)).toEqual([])
    await ended(job)
    await eventually('the reaper is gone', () => groupOf(reaper.pid).length === 0)
  })

  test.each([
    { why: 'has no name', marker: '=0123456789' },
    { why: 'is short enough to be met by accident', marker: 'LOCAL_STACK=1' },
    { why: 'has a line end', marker: 'LOCAL_STACK=0123456789\nPATH=x' },
  ])('a marker that $why is refused', ({ marker }) => {
    const start = (): unknown => startReaper(marker)

    expect(start).toThrow('marker')
  })
})

function detachedSleep(marker: string): ReturnType<typeof spawn> {
  const [name = '', value] = marker.split('=', 2)
  return spawn('sleep', ['600'], {
    env: { PATH: process.env['PATH'], [name]: value },
    stdio: 'ignore',
    detached: true,
  })
}

async function ended(child: ReturnType<typeof spawn>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
