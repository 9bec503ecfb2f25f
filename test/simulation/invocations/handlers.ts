import { TableBusy } from '../../../lib/adapters/dynamodb/retry.ts'
import { leaseOfExecution } from '../../../lib/adapters/stepfunctions/names.ts'
import { followCommand } from '../../../lib/app/commands/follow-command.ts'
import { probeHost } from '../../../lib/app/fleet/probe-host.ts'
import { activateLease } from '../../../lib/app/lifecycle/activate.ts'
import { cleanSlot } from '../../../lib/app/lifecycle/clean.ts'
import { decide } from '../../../lib/app/lifecycle/decide.ts'
import { destroyLease } from '../../../lib/app/lifecycle/destroy.ts'
import { finalizeLease } from '../../../lib/app/lifecycle/finalize.ts'
import type { Ports } from '../../../lib/app/ports/ports.ts'
import { audit } from '../../../lib/app/repair/audit/audit.ts'
import { repair } from '../../../lib/app/repair/repair.ts'
import { sweep } from '../../../lib/app/repair/sweep/sweep.ts'
import type {
  CleanInput,
  CommandInput,
  DecideInput,
  FinalizeInput,
  LeaseInput,
  ProbeInput,
} from '../../../lib/contract/machines.ts'
import { ERRORS } from '../../../lib/contract/machines.ts'

/** The functions that machines, rules and schedules call, as functions/*.ts compose them. */
export const handlers = {
  decide: handler(({ leaseId, visits }: DecideInput, ports) => decide(ports, leaseId, visits)),
  activate: handler(({ leaseId }: LeaseInput, ports) => activateLease(ports, leaseId)),
  destroy: handler(({ leaseId }: LeaseInput, ports) => destroyLease(ports, leaseId)),
  finalize: handler(({ leaseId, confirmed }: FinalizeInput, ports) =>
    finalizeLease(ports, leaseId, confirmed),
  ),
  follow: handler(({ leaseId, number }: CommandInput, ports, remaining) =>
    followCommand(ports, leaseId, number, Math.min(14 * 60_000, remaining() - 10_000)),
  ),
  clean: handler(({ host, slot, tries }: CleanInput, ports) => cleanSlot(ports, host, slot, tries)),
  probe: handler(({ host, tries }: ProbeInput, ports) => probeHost(ports, host, tries)),
  audit: handler((_: object, ports) => audit(ports)),
  sweep: handler((_: object, ports) => sweep(ports)),
  repair: handler(async ({ detail }: { readonly detail: { readonly name: string } }, ports) => {
    const leaseId = leaseOfExecution(detail.name)
    if (leaseId !== undefined) await repair(ports, leaseId)
  }),
}

export type HandlerName = keyof typeof handlers
export type Handlers = Readonly<Record<HandlerName, Handler>>
export type Handler = (ports: Ports, payload: unknown, remaining: () => number) => Promise<unknown>

/** As lib/runtime/step.ts: machines match the table's refusal by its name. Payloads travel as JSON. */
function handler(run: (input: never, ports: Ports, remaining: () => number) => Promise<unknown>): Handler {
  return async (ports, payload, remaining) => {
    try {
      return await run(JSON.parse(JSON.stringify(payload)) as never, ports, remaining)
    } catch (thrown) {
      if (!(thrown instanceof TableBusy)) throw thrown
      const error = new Error(thrown.message, { cause: thrown })
      error.name = ERRORS.tableBusy
      throw error
    }
  }
}
