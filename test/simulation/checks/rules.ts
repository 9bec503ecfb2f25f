import { capacityHolds } from './fleet/capacity.ts'
import { hostsLeave } from './fleet/leaving.ts'
import { lossIsTold } from './fleet/loss.ts'
import { pausesEnd } from './fleet/pauses.ts'
import { poolsAreKnown } from './fleet/pools.ts'
import { sickHostsRest } from './fleet/sick-hosts.ts'
import { fieldsAreTrue, expiryOnlyMovesOn, termsAreKept } from './leases/fields.ts'
import { oneLeasePerKey } from './leases/idempotency.ts'
import { onePermit, quotasHold } from './leases/permits.ts'
import { endsHaveReasons, nothingEndsTooEarly, triesAreCounted } from './leases/reasons.ts'
import { leasesFollowTheirStates, marksAreUnique } from './leases/states.ts'
import { tokensAreUsedOnce } from './leases/task-tokens.ts'
import { oneEventPerVersion, timelinesTellTheStory } from './leases/timelines.ts'
import { oneTimer } from './leases/timers.ts'
import { waitersArePendingLeases, waitersNameTheirLease } from './leases/waiters.ts'
import { disabledGivesNothing } from './order/disabled.ts'
import { triedElsewhere } from './order/elsewhere.ts'
import { fairShare } from './order/fair-share.ts'
import { queueOrder } from './order/queue-order.ts'
import { requestOrder } from './order/request-order.ts'
import { everyLeaseEnds, historyIsWhole, noSlotIsLost, nothingIsLeft } from './rest/rest.ts'
import type { CreateRule } from './rule.ts'
import { epochsAreOwned, epochsRise } from './slots/epochs.ts'
import { oneHolder, slotAndLeaseAgree } from './slots/holding.ts'
import { onlyOfferedSlotsAreGiven, slotsAreGivenBackUnclean, slotsFollowTheirStates } from './slots/states.ts'
import { tokensTellFreeSlots } from './slots/tokens.ts'
import { stepsFollowAtOnce } from './time/awakening.ts'
import { noCoexistence } from './time/coexistence.ts'
import { deadlinesAreKept } from './time/deadlines.ts'
import { slotsFollowTheirHost } from './time/offers.ts'
import { parkedComeBack } from './time/parking.ts'

/** All that a run is judged by. */
export const RULES: readonly CreateRule[] = [
  epochsRise,
  epochsAreOwned,
  oneHolder,
  slotAndLeaseAgree,
  slotsFollowTheirStates,
  onlyOfferedSlotsAreGiven,
  slotsAreGivenBackUnclean,
  tokensTellFreeSlots,
  waitersArePendingLeases,
  waitersNameTheirLease,
  oneTimer,
  onePermit,
  quotasHold,
  oneLeasePerKey,
  oneEventPerVersion,
  timelinesTellTheStory,
  leasesFollowTheirStates,
  marksAreUnique,
  fieldsAreTrue,
  termsAreKept,
  expiryOnlyMovesOn,
  endsHaveReasons,
  nothingEndsTooEarly,
  triesAreCounted,
  tokensAreUsedOnce,
  queueOrder,
  requestOrder,
  fairShare,
  disabledGivesNothing,
  triedElsewhere,
  noCoexistence,
  deadlinesAreKept,
  stepsFollowAtOnce,
  slotsFollowTheirHost,
  parkedComeBack,
  capacityHolds,
  hostsLeave,
  lossIsTold,
  pausesEnd,
  poolsAreKnown,
  sickHostsRest,
  everyLeaseEnds,
  noSlotIsLost,
  nothingIsLeft,
  historyIsWhole,
]
