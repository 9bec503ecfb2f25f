import type { Catalogue } from '../../../lib/app/config/read-config.ts'
import type { Random } from '../kernel/random.ts'
import type { Simulation } from '../simulation.ts'

const MINUTE = 60_000
/** Of all runs. */
const SICK = 0.2

/** What goes wrong by itself and not in a call: executions that are stopped, hosts that go down or lose their disks. */
export function beginTroubles(
  simulation: Simulation,
  random: Random,
  catalogue: Catalogue,
  until: number,
): void {
  const { kernel, outside, hosts, service, log } = simulation
  const { faults } = outside
  const names = Object.keys(catalogue.hosts)
  const minute = () => {
    if (kernel.now() >= until) return
    kernel.after(MINUTE, minute)
    const soon = (act: () => void) => kernel.after(random.between(0, MINUTE), act)
    if (faults.strikes('execution stopped')) {
      soon(() => {
        const running = service.running()
        if (running.length > 0) service.stop(random.pick(running))
      })
    }
    if (faults.strikes('host down for a while')) {
      const [host, time] = [random.pick(names), random.between(1_000, 4 * MINUTE)]
      soon(() => {
        log.add(host, `down for ${time} ms`)
        hosts.down(host, Math.min(time, Math.max(0, until - kernel.now())))
      })
    }
    if (faults.strikes('host imaged anew')) {
      const host = random.pick(names)
      soon(() => {
        log.add(host, 'imaged anew')
        hosts.reimage(host)
      })
    }
  }
  minute()
}

/** Also where nothing else goes wrong: now and then a host that fails all its leases, and passes its probes, until the end. */
export function beginSickness(
  { kernel, hosts, log }: Simulation,
  random: Random,
  catalogue: Catalogue,
  until: number,
): void {
  if (!random.chance(SICK)) return
  const host = random.pick(Object.keys(catalogue.hosts))
  kernel.after(random.between(0, (until - kernel.now()) / 2), () => {
    log.add(host, 'sick from now on')
    hosts.sick(host, until - kernel.now())
  })
}
