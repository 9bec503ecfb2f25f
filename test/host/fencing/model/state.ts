import type { Nonce } from './messages.ts'

export type Status = 'none' | 'starting' | 'opening' | 'open' | 'closed'

/** One slot on a host, what is under way there, and what the host has promised so far. */
export interface State {
  /** The file `state`; without it epoch 0, `none` and `none`. */
  readonly epoch: number
  readonly status: Status
  readonly nonce: Nonce
  /** Whether the file was written in this boot. */
  readonly booted: boolean
  /** The file `empty`: the epoch that was closed and seen empty, -1 for none. */
  readonly emptied: number
  /** Bits: the epochs with living processes. */
  readonly living: number
  /** Messages that wait for another one's kill: two bits for each place. */
  readonly waiting: number
  /** The place that kills or is about to store, -1 for none. */
  readonly holder: number
  readonly killing: boolean
  /** Bits: epochs with runs that have checked the state, and of which no kill can find anything yet. */
  readonly checked: number
  /** Whether open of the current epoch was answered with done. */
  readonly told: boolean
  /** The last epoch that was answered to be closed and empty, and that was answered to be closed; -1 for none. */
  readonly emptyTold: number
  readonly closedTold: number
  /** The highest epoch that was ever stored. */
  readonly highest: number
  /** Bits: whether the file made by the init of `first`, of `second`, was lost. */
  readonly lost: number
}

export const FRESH: State = {
  epoch: 0,
  status: 'none',
  nonce: 'none',
  booted: false,
  emptied: -1,
  living: 0,
  waiting: 0,
  holder: -1,
  killing: false,
  checked: 0,
  told: false,
  emptyTold: -1,
  closedTold: -1,
  highest: 0,
  lost: 0,
}

const STATUSES: readonly Status[] = ['none', 'starting', 'opening', 'open', 'closed']
const NONCES: readonly Nonce[] = ['none', 'first', 'second', 'foreign']

/** A state is two integers: what the host keeps and has promised, and what is under way. */
export const lowOf = (state: State): number =>
  state.epoch |
  (STATUSES.indexOf(state.status) << 2) |
  (NONCES.indexOf(state.nonce) << 5) |
  (Number(state.booted) << 7) |
  ((state.emptied + 1) << 8) |
  (state.living << 11) |
  (Number(state.told) << 15) |
  ((state.emptyTold + 1) << 16) |
  ((state.closedTold + 1) << 19) |
  (state.highest << 22) |
  (state.lost << 24) |
  (state.checked << 26)

export const highOf = (state: State): number =>
  state.waiting | ((state.holder + 1) << 20) | (Number(state.killing) << 24)

export const stateOf = (low: number, high: number): State => ({
  epoch: low & 3,
  status: STATUSES[(low >>> 2) & 7] ?? 'none',
  nonce: NONCES[(low >>> 5) & 3] ?? 'none',
  booted: (low & 128) !== 0,
  emptied: ((low >>> 8) & 7) - 1,
  living: (low >>> 11) & 15,
  told: ((low >>> 15) & 1) !== 0,
  emptyTold: ((low >>> 16) & 7) - 1,
  closedTold: ((low >>> 19) & 7) - 1,
  highest: (low >>> 22) & 3,
  lost: (low >>> 24) & 3,
  checked: (low >>> 26) & 15,
  waiting: high & 0xf_ffff,
  holder: ((high >>> 20) & 15) - 1,
  killing: ((high >>> 24) & 1) !== 0,
})

export const waitingAt = (state: State, place: number): number => (state.waiting >>> (2 * place)) & 3
export const oneMore = (state: State, place: number): number => state.waiting + (1 << (2 * place))
export const oneLess = (state: State, place: number): number => state.waiting - (1 << (2 * place))
