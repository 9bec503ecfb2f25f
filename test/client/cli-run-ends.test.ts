import { describe, expect, test } from 'vitest'
import { Refusal } from '../support/api/server.ts'
import { leaveNothing, pollOf, world } from './command-world.ts'

leaveNothing()

describe('the end before the end', () => {
  test.for([
    { signal: 'SIGINT', exit: 130 },
    { signal: 'SIGTERM', exit: 143 },
  ] as const)('$signal kills the command, releases the lease and exits $exit', async ({ signal, exit }) => {
    const { api, start } = await world()
    const command = start(['run', '--', 'sh', '-c', 'echo begun >&2; sleep 600'])
    await command.says('begun')

    command.kill(signal)

    const { code, stderr } = await command.ended
    expect(code).toBe(exit)
    expect(stderr).toContain('released')
    expect(api.all()).toMatchObject([{ status: 'destroyed', reason: 'released' }])
    expect(api.programs().map((program) => program.ended())).toEqual([true])
  })

  test('Ctrl-C while waiting ends the wait', async () => {
    const { api, start } = await world({ generous: false })
    const command = start(['run', '--', 'true'])
    await command.says('waiting')

    command.kill('SIGINT')

    expect((await command.ended).code).toBe(130)
    expect(api.all()).toMatchObject([{ status: 'destroyed' }])
  })

  test('Ctrl-C while `lease create --active` waits gives back what nobody could', async () => {
    const { api, start } = await world({ generous: false })
    const command = start(['lease', 'create', '--active'])
    await pollOf(api)

    command.kill('SIGINT')

    expect(await command.ended).toMatchObject({ code: 130, stdout: Buffer.alloc(0) })
    expect(api.all()).toMatchObject([{ status: 'destroyed' }])
  })

  test('a second Ctrl-C leaves at once, even when the service does not answer', async () => {
    const { start } = await world({ handlers: { releaseLease: () => new Promise(() => undefined) } })
    const command = start(['run', '--', 'sh', '-c', 'echo begun >&2; sleep 600'])
    await command.says('begun')
    command.kill('SIGINT')
    await command.says('once more')

    command.kill('SIGINT')

    expect((await command.ended).code).toBe(130)
  })

  test('a lease that is lost has its own exit code: the service ended the command', async () => {
    const { api, start } = await world()
    const command = start(['run', '--', 'sh', '-c', 'echo begun >&2; sleep 600'])
    await command.says('begun')

    await api.end(api.all()[0]?.id ?? '', 'expired')

    expect((await command.ended).code).toBe(123)
  })

  test('a lease that is lost has its own exit code: a renewal was told', async () => {
    const { api, start } = await world({ ttlSeconds: 1 })
    const command = start(['run', '--', 'sh', '-c', 'echo begun >&2; sleep 600'])
    await command.says('begun')

    api.change(api.all()[0]?.id ?? '', { status: 'released', reason: 'operator' })

    const { code, stderr } = await command.ended
    expect(code).toBe(123)
    expect(stderr).toContain('the lease was lost')
  })

  test('a reader that goes away ends the command and releases the lease', async () => {
    const { api, start } = await world()
    const command = start(['run', '--', 'sh', '-c', 'while :; do echo yes; done'])
    await api.until(({ status }) => status === 'active')

    command.closeStdout()

    expect((await command.ended).code).toBe(141)
    expect(api.all()).toMatchObject([{ status: 'destroyed' }])
  })

  test('a reader of lines for machines that goes away ends it, too', async () => {
    const { api, start } = await world()
    const command = start(['run', '--json', '--', 'sh', '-c', 'while :; do echo yes; done'])
    await api.until(({ status }) => status === 'active')

    command.closeStdout()

    expect((await command.ended).code).toBe(141)
    expect(api.all()).toMatchObject([{ status: 'destroyed' }])
  })

  test('a release that fails is told and does not hide the exit code', async () => {
    const { api, run } = await world()
    api.failNext('releaseLease', { refuse: new Refusal(400, 'malformed') })

    const { code, stderr } = await run(['--', 'sh', '-c', 'exit 6'])

    expect(code).toBe(6)
    expect(stderr).toContain('was not released')
  })

  test('a refusal is exit 125, with its code', async () => {
    const { api, run } = await world()
    api.failNext('createLease', { refuse: new Refusal(422, 'unknown_blueprint') })

    const { code, stderr } = await run(['--', 'true'])

    expect(code).toBe(125)
    expect(stderr).toContain('unknown_blueprint')
  })
})
