import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { argumentsOf, mentioning } from '../../features/support/observe.ts'
import type { FleetHost } from '../../support/fleet/host.ts'
import { hasOpenSsh } from '../../support/openssh.ts'

/** In the middle of what the server of a host is killed. */
export const PHASES = ['open', 'checkout', 'perform', 'close'] as const
export type Phase = (typeof PHASES)[number]

/** What stands before every command of a host's SSH sessions: it tells that a verb has come which is waited for. */
const GATE = `verb=\${SSH_ORIGINAL_COMMAND##* }
[ ! -e "\${0%/*}/armed-$verb" ] || mv "\${0%/*}/armed-$verb" "\${0%/*}/met-$verb"
exec sh -c "$SSH_ORIGINAL_COMMAND"
`

/** Lines of sshd_config. The gate is put beside the host's directory by `placeGate`. */
export const gateSettings = (): readonly string[] => ['ForceCommand sh $HOME/gate']

export const placeGate = ({ home }: Pick<FleetHost, 'home'>): void => writeFileSync(join(home, 'gate'), GATE)

export interface Strike {
  /** Whether the verb was still under way when its server died. */
  readonly middle: boolean
  readonly phase: Phase
}

/** Kills the host's server a while after it was asked for that verb, and starts it again later. Milliseconds. */
export async function strike(
  host: FleetHost,
  phase: Phase,
  times: { readonly after: number; readonly down: number; readonly verbsToo: boolean },
): Promise<Strike> {
  const met = join(host.home, `met-${phase}`)
  rmSync(met, { force: true })
  writeFileSync(join(host.home, `armed-${phase}`), '')
  const isMet = () => (hasOpenSsh ? existsSync(met) : isUnderWay(host, phase))
  for (const until = Date.now() + 60_000; !isMet();) {
    if (Date.now() > until) throw new Error(`nobody asked host ${host.name} to ${phase}`)
    await delay(2)
  }
  await delay(times.after)
  const middle = isUnderWay(host, phase)
  await host.kill({ verbsToo: times.verbsToo })
  await delay(times.down)
  await host.start()
  return { middle, phase }
}

const isUnderWay = ({ directory }: FleetHost, phase: Phase): boolean =>
  mentioning(`${directory}/bin/host-`).some((pid) => argumentsOf(pid).at(2) === phase)
