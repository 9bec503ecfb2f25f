import type { Random } from '../kernel/random.ts'

/** What a client does with its lease once it has one, or instead of having one. */
export const BEHAVIOURS = [
  'hold and release',
  'renew and hold longer',
  'run a command',
  'forget',
  'cancel while waiting',
  'release twice',
  'suspect its host',
  'fail and look',
] as const

export type Behaviour = (typeof BEHAVIOURS)[number]

const LOT: readonly Behaviour[] = [
  ...Array.from({ length: 8 }, () => 'hold and release' as const),
  'renew and hold longer',
  'renew and hold longer',
  'run a command',
  'run a command',
  'forget',
  'forget',
  'cancel while waiting',
  'cancel while waiting',
  'release twice',
  'suspect its host',
  'fail and look',
]

export interface Wish {
  readonly at: number
  readonly tenant: string
  readonly blueprint: string
  readonly repository?: string
  readonly commit?: string
  readonly priority: number
  readonly ttl: number
  readonly wait: number
  /** Milliseconds that it stays after a failure. */
  readonly keepFor: number
  /** Only slots of these, where it does not take any. */
  readonly pools?: readonly string[]
  readonly behaviour: Behaviour
  /** Milliseconds that the holder works. */
  readonly hold: number
  /** How often the same request is sent at the same time. */
  readonly copies: number
}

export const drawBehaviour = (random: Random): Behaviour => random.pick(LOT)
