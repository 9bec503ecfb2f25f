import { expect, test } from 'vitest'
import type { OpenHosts } from '../../support/hosts/open-hosts.ts'
import { openShellHost } from '../../support/hosts/shell.ts'
import { openSimulatedHost } from '../../support/hosts/simulated.ts'
import { createFakeSubject } from './conformance/fake-subject.ts'
import { createRemoteSubject, createScriptSubject } from './conformance/script-subject.ts'
import { tryAgainstModel } from './conformance/sequences.ts'
import { ACCIDENTS } from './conformance/subject.ts'

const SEED = 26

test('the host script answers, keeps and kills as the model does, whatever comes in whatever order', async () => {
  await using host = closing(openShellHost())

  const trial = tryAgainstModel({
    subject: () => createScriptSubject(host),
    accidents: ACCIDENTS,
    seed: SEED,
    sequences: 15,
    length: 25,
    apart: 40,
  })

  await expect(trial).resolves.toBeUndefined()
})

test('the host script does so over SSH, too', async () => {
  await using host = closing(await openSimulatedHost())

  const trial = tryAgainstModel({
    subject: () => createRemoteSubject(host),
    accidents: [],
    seed: SEED,
    sequences: 2,
    length: 25,
    apart: 40,
  })

  await expect(trial).resolves.toBeUndefined()
})

test('the fake host answers and kills as the model does', async () => {
  const trial = tryAgainstModel({
    subject: createFakeSubject,
    accidents: ['reimaged'],
    seed: SEED,
    sequences: 150,
    length: 40,
    apart: 0,
  })

  await expect(trial).resolves.toBeUndefined()
})

const closing = (host: OpenHosts): OpenHosts & AsyncDisposable => ({
  ...host,
  [Symbol.asyncDispose]: async () => host.close(),
})
