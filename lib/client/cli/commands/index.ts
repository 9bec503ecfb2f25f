import type { Command } from '../command.ts'
import { apply } from './apply.ts'
import * as blueprint from './blueprint.ts'
import * as build from './build.ts'
import { exec } from './exec.ts'
import * as host from './host.ts'
import * as land from './land.ts'
import * as lease from './lease.ts'
import { logs } from './logs.ts'
import { pools } from './pools.ts'
import { run } from './run.ts'
import * as token from './token.ts'

/** Every command, in the order of the help text. */
export const commands: readonly Command[] = [
  run,
  exec,
  logs,
  build.build,
  build.buildGet,
  build.buildList,
  build.buildLogs,
  build.buildAbort,
  build.buildRestart,
  land.land,
  land.landingGet,
  land.landingList,
  land.landingCancel,
  lease.leaseCreate,
  lease.leaseGet,
  lease.leaseExplain,
  lease.leaseList,
  lease.leaseRenew,
  lease.leaseRelease,
  lease.leaseEvents,
  apply,
  pools,
  host.hostDrain,
  host.hostReturn,
  host.hostLost,
  blueprint.blueprintDisable,
  blueprint.blueprintEnable,
  token.tokenCreate,
  token.tokenList,
  token.tokenRevoke,
]
