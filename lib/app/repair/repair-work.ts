import type { WorkKind } from '../../domain/work.ts'
import { repairBuild } from '../builds/repair-build.ts'
import { repairLanding } from '../landings/repair-landing.ts'
import type { Ports } from '../ports/ports.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/** What a look at a build or a landing did; `gone`: it needs no timer any more. */
export type RepairedWork = 'nothing' | 'gone' | 'restarted'

/** Puts one of its kind right, whatever happened to whoever worked on it; harmless where nothing did. */
export type RepairWork = (ports: Needs, id: string) => Promise<RepairedWork>

/** The sweep routes each timer by what it is of. */
export const REPAIRS: Readonly<Record<WorkKind, RepairWork>> = { build: repairBuild, landing: repairLanding }
