import { describe, expect, test } from 'vitest'
import type { Executions } from '../../lib/app/ports/ports.ts'

export interface Started {
  readonly machine: 'lease' | 'command' | 'slot' | 'host' | 'build' | 'landing'
  readonly name: string
  readonly input: unknown
}

/** An adapter, and what lies behind it as a test sees it. */
export interface OpenExecutions extends AsyncDisposable {
  readonly executions: Executions
  /** In the order of their starts. */
  started(): Promise<readonly Started[]>
  finish(machine: Started['machine'], name: string): Promise<void>
  /** Starts something that waits, and answers its token. */
  wait(): Promise<string>
  /** Resolves once whoever waits for the token goes on. */
  wentOn(token: string): Promise<void>
}

const LEASE = '01J8ZB2WJ3N3W5V6G7Q8R9S0T1'

/** What every adapter of the `Executions` port must do. */
export function executionsContract(name: string, open: () => Promise<OpenExecutions>): void {
  describe(`Executions: ${name}`, () => {
    test("a lease's execution is named by its id and told nothing else", async () => {
      await using opened = await open()

      await opened.executions.ensureLease(LEASE)

      expect(await opened.started()).toEqual([{ machine: 'lease', name: LEASE, input: { leaseId: LEASE } }])
    })

    test('while an execution runs, making sure of it starts no other', async () => {
      await using opened = await open()

      await Promise.all([
        opened.executions.ensureLease(LEASE),
        opened.executions.ensureLease(LEASE),
        opened.executions.ensureCommand(LEASE, 1),
        opened.executions.ensureCommand(LEASE, 1),
        opened.executions.cleanSlot('alpha', 0, 7),
        opened.executions.cleanSlot('alpha', 0, 7),
        opened.executions.probeHost('alpha', 'c3'),
        opened.executions.probeHost('alpha', 'c3'),
        opened.executions.ensureBuild(LEASE, 2),
        opened.executions.ensureBuild(LEASE, 2),
      ])

      const names = (await opened.started()).map((execution) => execution.name)
      expect(names.toSorted()).toEqual([LEASE, `${LEASE}-1`, `${LEASE}-g2`, 'alpha-0-e7', 'alpha-c3'])
    })

    test('one that has closed is followed by the next of its name', async () => {
      await using opened = await open()
      await opened.executions.ensureLease(LEASE)
      await opened.finish('lease', LEASE)
      await opened.executions.ensureLease(LEASE)
      await opened.finish('lease', `${LEASE}-r1`)

      await opened.executions.ensureLease(LEASE)

      const names = (await opened.started()).map((execution) => execution.name)
      expect(names).toEqual([LEASE, `${LEASE}-r1`, `${LEASE}-r2`])
    })

    test('also when many have closed, there is a next one', async () => {
      await using opened = await open()
      const names = Array.from({ length: 20 }, (_, at) => (at === 0 ? `${LEASE}-1` : `${LEASE}-1-r${at}`))
      for (const name of names) {
        await opened.executions.ensureCommand(LEASE, 1)
        await opened.finish('command', name)
      }

      await opened.executions.ensureCommand(LEASE, 1)
      await opened.executions.ensureCommand(LEASE, 1)

      const started = (await opened.started()).map((execution) => execution.name)
      expect(started).toEqual([...names, `${LEASE}-1-r20`])
    })

    test('commands and slots have executions of their own machines', async () => {
      await using opened = await open()

      await opened.executions.ensureCommand(LEASE, 12)
      await opened.executions.cleanSlot('alpha', 3, 1)

      expect(await opened.started()).toEqual([
        { machine: 'command', name: `${LEASE}-12`, input: { leaseId: LEASE, number: 12 } },
        { machine: 'slot', name: 'alpha-3-e1', input: { host: 'alpha', slot: 3 } },
      ])
    })

    test("a landing's execution is named by its id, as a lease's is, and found by it", async () => {
      await using opened = await open()

      await opened.executions.ensureLanding(LEASE)
      await opened.executions.ensureLanding(LEASE)

      expect(await opened.started()).toEqual([
        { machine: 'landing', name: LEASE, input: { landingId: LEASE } },
      ])
      const { arn } = opened.executions.landingExecution(LEASE)
      expect(arn).toMatch(new RegExp(`^arn:aws:states:[^:]+:\\d{12}:execution:drydock-landing:${LEASE}$`))
    })

    test('each generation of a build has an execution of its own', async () => {
      await using opened = await open()

      await opened.executions.ensureBuild(LEASE, 1)
      await opened.executions.ensureBuild(LEASE, 2)

      expect(await opened.started()).toEqual([
        { machine: 'build', name: `${LEASE}-g1`, input: { buildId: LEASE, generation: 1 } },
        { machine: 'build', name: `${LEASE}-g2`, input: { buildId: LEASE, generation: 2 } },
      ])
      expect(opened.executions.buildExecution(LEASE, 2).arn).toMatch(
        new RegExp(`:execution:drydock-build:${LEASE}-g2$`),
      )
    })

    test('names that would be too long stay apart', async () => {
      await using opened = await open()
      const host = 'h'.repeat(63)

      await opened.executions.cleanSlot(host, 63, 1_000_000_000_001)
      await opened.executions.cleanSlot(host, 63, 1_000_000_000_002)

      const names = (await opened.started()).map((execution) => execution.name)
      expect(new Set(names).size).toBe(2)
      expect(names.every((each) => each.length <= 71)).toBe(true)
    })

    test('whoever waits is awakened by its token', async () => {
      await using opened = await open()
      const token = await opened.wait()

      await opened.executions.heartbeat(token)
      await opened.executions.awaken(token)

      await expect(opened.wentOn(token)).resolves.toBeUndefined()
    })

    test('a token that has moved on, or never was, is no error', async () => {
      await using opened = await open()
      const token = await opened.wait()
      await opened.executions.awaken(token)
      await opened.wentOn(token)

      const late = [token, 'never-was'].flatMap((each) => [
        opened.executions.awaken(each),
        opened.executions.heartbeat(each),
      ])

      await expect(Promise.all(late)).resolves.toHaveLength(4)
    })

    test("operators find a lease's execution by name, whether it has started or not", async () => {
      await using opened = await open()

      const { arn } = opened.executions.leaseExecution(LEASE)

      expect(arn).toMatch(new RegExp(`^arn:aws:states:[^:]+:\\d{12}:execution:drydock-lease:${LEASE}$`))
    })
  })
}
