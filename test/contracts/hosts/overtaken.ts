import { describe, expect, test } from 'vitest'
import type { FollowRequest } from '../../../lib/app/ports/hosts.ts'
import { freshSlot, openSlot, type OpenHosts, valueOf } from '../../support/hosts/open-hosts.ts'

const command = { number: 5, argv: ['true'], environment: {}, timeoutSeconds: 9, directory: '' }
const from: FollowRequest = { number: 5, stdoutOffset: 0, stderrOffset: 0, maxBytes: 100, waitSeconds: 0 }

/** Messages of a command that arrive in the wrong order. */
export function overtakenRules(host: () => OpenHosts): void {
  describe('a cancel that overtakes its run', () => {
    test('says that there is no such command, however often', async () => {
      const { hosts, target } = host()
      const slot = await openSlot(host())

      const answers = [await hosts.cancel(target, slot, 5), await hosts.cancel(target, slot, 5)]

      const unknown = { kind: 'failed', fault: 'request', code: 'unknown_command' }
      expect(answers).toMatchObject([unknown, unknown])
    })

    test('keeps the run from starting, which then has ended as cancelled', async () => {
      const { hosts, target } = host()
      const slot = await openSlot(host())
      await hosts.cancel(target, slot, 5)

      const late = await hosts.run(target, slot, command)
      const followed = valueOf(await hosts.follow(target, slot, from))

      const end = { exitCode: null, cause: 'cancelled' }
      expect(late).toMatchObject({ kind: 'done', value: { state: 'ended', end } })
      expect(followed.end).toMatchObject(end)
    })

    test('leaves other numbers alone', async () => {
      const { hosts, target } = host()
      const slot = await openSlot(host())
      await hosts.cancel(target, slot, 5)

      const other = valueOf(await hosts.run(target, slot, { ...command, number: 6 }))

      expect(other).not.toMatchObject({ end: { cause: 'cancelled' } })
      await hosts.close(target, slot)
    })

    test('ends with its lease', async () => {
      const { hosts, target } = host()
      const at = await freshSlot(host())
      valueOf(await hosts.open(target, at(1)))
      await hosts.cancel(target, at(1), 5)
      valueOf(await hosts.close(target, at(1)))
      valueOf(await hosts.open(target, at(2)))

      const next = valueOf(await hosts.run(target, at(2), command))

      expect(next).not.toMatchObject({ end: { cause: 'cancelled' } })
      await hosts.close(target, at(2))
    })
  })
}
