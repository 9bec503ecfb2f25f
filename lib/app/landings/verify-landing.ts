import type { VerifyingLanding, VerifyStep } from '../../domain/landing/landing.ts'
import { passStep, startStep } from '../../domain/landing/steps.ts'
import { currentCommit } from '../../domain/landing/landing.ts'
import { isUsable } from '../../domain/lease.ts'
import { commandOf } from '../commands/command.ts'
import type { Command } from '../commands/command.ts'
import { runCommand } from '../commands/run-command.ts'
import { argvOfScript } from '../commands/script.ts'
import { commandKey } from '../store/keys.ts'
import { readLease } from '../store/read.ts'
import type { LandingNeeds, Looked } from './advance-landing.ts'
import { byExecution, failWith, holderOf, loseLease, move } from './settle-landing.ts'

/** The steps run one after the other in the copy of the commit; the first that fails is the end. */
export async function verify(ports: LandingNeeds, landing: VerifyingLanding, told: number): Promise<Looked> {
  const lease = await readLease(ports, landing.lease)
  const step = landing.verify[landing.step]
  if (!step) throw new Error(`landing ${landing.id} has no step ${landing.step}`)
  const usable = lease && isUsable(lease, ports.clock.now())
  const command = landing.command === undefined ? undefined : await readCommand(ports, landing)
  if (command?.status === 'ended') await judge(ports, landing, step, command)
  else if (!usable) await loseLease(ports, landing, 'it ended while the steps ran')
  else if (landing.command === undefined) await start(ports, landing, step)
  else {
    // Whoever followed it may have died; nobody else would look before the lease's own timer.
    await ports.executions.ensureCommand(lease.id, landing.command)
    return { route: 'STEP', timeoutSeconds: Math.ceil(lease.ttl / 3_000), told }
  }
  return 'again'
}

async function readCommand(
  ports: LandingNeeds,
  { lease, command }: VerifyingLanding,
): Promise<Command | undefined> {
  const item = await ports.table.get(commandKey(lease, command ?? 0))
  return item && commandOf(item)
}

async function start(ports: LandingNeeds, landing: VerifyingLanding, step: VerifyStep): Promise<void> {
  const { commit, before, source } = currentCommit(landing)
  const demand = {
    argv: argvOfScript(step.script),
    environment: {
      DRYDOCK_LANDING_ID: landing.id,
      DRYDOCK_REPOSITORY: landing.repository,
      DRYDOCK_BRANCH: landing.branch,
      DRYDOCK_COMMIT: commit,
      DRYDOCK_TARGET: before,
      DRYDOCK_SOURCE: source,
      DRYDOCK_STEP: step.name,
    },
    timeoutSeconds: step.timeoutSeconds,
    directory: '.',
  }
  // One command for each step of each commit, however often it is asked for.
  const key = { hash: `step-${commit}-${landing.step}`, requestHash: `${landing.lease}-${landing.step}` }
  const run = await runCommand(ports, holderOf(landing.lease, landing.tenant), landing.lease, demand, key)
  if (run.ok) {
    await move(ports, landing, startStep(landing, run.value.number, byExecution(ports)))
    return
  }
  const { refused, detail } = run.refusal
  const said = `step ${step.name} could not start: ${detail}`
  if (refused === 'lease_lost' || refused === 'not_active') await loseLease(ports, landing, said)
  else await failWith(ports, landing, refused, said)
}

async function judge(
  ports: LandingNeeds,
  landing: VerifyingLanding,
  { name }: VerifyStep,
  { number, cause = 'lost', exitCode, detail }: Command,
): Promise<void> {
  if (cause === 'lease_lost' || cause === 'lost') {
    await loseLease(ports, landing, detail ?? `step ${name} was lost`)
    return
  }
  const ran = { name, lease: landing.lease, command: number, cause, ...given(exitCode) }
  if (cause === 'exited' && exitCode === 0) {
    await move(ports, landing, passStep(landing, ran, byExecution(ports)))
    return
  }
  const said = cause === 'exited' ? `exited with ${exitCode}` : (detail ?? cause)
  await failWith(
    ports,
    landing,
    'verify_failed',
    `step ${name}: ${said} (command ${number} of lease ${landing.lease})`,
    [ran],
  )
}

const given = (exitCode: number | undefined) => (exitCode === undefined ? {} : { exitCode })
