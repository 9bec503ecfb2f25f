import { isBelowFloor } from './disk.ts'
import type { Isolation } from './isolation.ts'
import { reaches } from './isolation.ts'

/** What a probe found out about a host. */
export interface HostFacts {
  /** As `git --version` says it, without its first words. */
  readonly git: string
  readonly isolation: Isolation
  readonly diskFreeBytes: number
  readonly diskTotalBytes: number
  /** The host's clock, epoch milliseconds. */
  readonly clock: number
}

/** Why a host that answers may not be used. */
export interface Unfit {
  readonly code: 'git_too_old' | 'disk_nearly_full' | 'clock_wrong' | 'isolation_too_low'
  readonly detail: string
}

const OLDEST_GIT = [2, 39] as const

/** Certificates and deadlines are judged by the host's clock. Milliseconds. */
const MOST_SKEW = 30_000

/** What keeps a host from being used by a pool of that least level; nothing where it is well. */
export function unfitness(facts: HostFacts, least: Isolation, skew: number): Unfit | undefined {
  const { git, isolation, diskFreeBytes: freeBytes, diskTotalBytes: totalBytes } = facts
  if (isTooOld(git)) {
    return { code: 'git_too_old', detail: `git ${git}, but ${OLDEST_GIT.join('.')} or newer is needed` }
  }
  if (!reaches(isolation, least)) return tooLow(isolation, least)
  if (isBelowFloor({ freeBytes, totalBytes })) {
    return { code: 'disk_nearly_full', detail: `${Math.floor(freeBytes / 1024 / 1024)} MiB are free` }
  }
  if (Math.abs(skew) > MOST_SKEW) {
    const seconds = Math.round(Math.abs(skew) / 1_000)
    return { code: 'clock_wrong', detail: `its clock is ${seconds} s ${skew > 0 ? 'ahead' : 'behind'}` }
  }
  return undefined
}

export const tooLow = (reached: Isolation, least: Isolation): Unfit => ({
  code: 'isolation_too_low',
  detail: `the host reaches level ${reached}, and ${least} is asked for`,
})

/**
 * How far the host's clock is off at least, milliseconds: its answer was made at some moment between question and
 * answer. Above 0: it is ahead.
 */
export const skewOf = (clock: number, askedAt: number, answeredAt: number): number =>
  clock > answeredAt ? clock - answeredAt : Math.min(0, clock - askedAt)

function isTooOld(git: string): boolean {
  const [major = 0, minor = 0] = git.split(/[^0-9]+/).map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_GIT
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor)
}
