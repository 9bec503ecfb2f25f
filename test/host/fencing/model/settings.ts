import type { Setting } from './successors.ts'

export interface NamedSetting extends Setting {
  readonly name: string
}

/** Whatever lease the nonce changes after. */
function settings(last: 2 | 3, copies: 1 | 2, orders: readonly boolean[]): readonly NamedSetting[] {
  return orders.flatMap((ordered) =>
    ([0, 1, 2, 3] as const)
      .filter((renamed) => renamed <= last)
      .map((renamed) => ({
        name: `leases 0 to ${last}, a new nonce after ${renamed}, ${copies} under way, ${ordered ? 'ordered' : 'any order'}`,
        plan: { renamed, last },
        copies,
        ordered,
      })),
  )
}

/** What every test run explores. */
export const REDUCED: readonly NamedSetting[] = [...settings(3, 1, [false, true]), ...settings(2, 2, [false])]

export const WHOLE: readonly NamedSetting[] = settings(3, 2, [false, true])
