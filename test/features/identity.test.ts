import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Fleet, openFleet } from '../support/fleet/fleet.ts'
import { hasOpenSsh } from '../support/openssh.ts'
import { activeLease, release } from './support/lease.ts'
import { eventually } from './support/observe.ts'

/** Notes every command that reaches the host, and then runs it. */
const GATE = `echo "$SSH_ORIGINAL_COMMAND" >>"\${0%/*}/asked"; exec sh -c "$SSH_ORIGINAL_COMMAND"\n`

describe.skipIf(!hasOpenSsh)('a host that is not what it was (skipped where there is no sshd)', () => {
  let fleet: Fleet
  beforeAll(async () => {
    const host = (name: string) => ({ name, pool: name, slots: 1, settings: ['ForceCommand sh $HOME/gate'] })
    fleet = await openFleet({
      hosts: [host('rekeyed'), host('tampered')],
      prepare: ({ home }) => writeFileSync(join(home, 'gate'), GATE),
    })
  })
  afterAll(async () => {
    expect(await fleet?.close()).toEqual([])
  })

  const viewOf = async (name: string) => (await fleet.client.getPool({ name })).hosts[0]
  const asked = (name: string): number =>
    readFileSync(join(fleet.host(name).home, 'asked'), 'utf8').split('\n').length
  const quarantined = async (name: string) =>
    eventually(`${name} is quarantined`, async () => (await viewOf(name))?.state === 'quarantined', 60_000)
  /** The lease that waited meanwhile gets its slot after all. */
  const served = async (id: string) => {
    const status = async () => (await fleet.client.getLease({ id })).status
    await eventually(`${id} is active`, async () => (await status()) === 'active', 120_000)
    await fleet.client.releaseLease({ id, body: {} })
  }
  const backAgain = async (name: string) =>
    eventually(
      `${name} is back`,
      async () => (await fleet.client.getPool({ name })).slots.free === 1,
      120_000,
    )

  test('a key that changed: refused, nothing is run, quarantined; with its old key it is back', async () => {
    const host = fleet.host('rekeyed')
    await release(fleet.client, await activeLease(fleet.client, { blueprint: 'rekeyed' }))
    await backAgain('rekeyed')
    await host.kill()
    const before = asked('rekeyed')
    await host.start({ key: 'another' })

    const { id } = await fleet.client.createLease({ body: { blueprint: 'rekeyed' } })
    await quarantined('rekeyed')
    const waiting = await fleet.client.getLease({ id })

    const view = await viewOf('rekeyed')
    expect(waiting).toMatchObject({ status: 'pending' })
    expect(view?.reason).toMatch(/^host_key_mismatch: the host has another key than the pinned one/)
    expect(asked('rekeyed')).toBe(before)
    await host.kill()
    await host.start()
    await served(id)
    await backAgain('rekeyed')
  }, 240_000)

  test('a host script that was tampered with: refused, never run, quarantined; without it the host is back', async () => {
    const { home, directory } = fleet.host('tampered')
    const [name = ''] = readdirSync(join(directory, 'bin'))
    const script = join(directory, 'bin', name)
    const whole = readFileSync(script, 'utf8')
    writeFileSync(script, `: >'${home}/evil'\n${whole}`)

    const { id } = await fleet.client.createLease({ body: { blueprint: 'tampered' } })
    await quarantined('tampered')
    const waiting = await fleet.client.getLease({ id })

    const view = await viewOf('tampered')
    expect(waiting).toMatchObject({ status: 'pending' })
    expect(view?.reason).toMatch(/^script_changed: .* is not what was put there/)
    expect(existsSync(join(home, 'evil'))).toBe(false)
    rmSync(script)
    await served(id)
    await backAgain('tampered')
    expect(readFileSync(script, 'utf8')).toBe(whole)
  }, 240_000)
})
