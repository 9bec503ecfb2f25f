import { createHash } from 'node:crypto'

/** Of 80 that the service allows; the rest is for `-r` and seven digits. */
const LONGEST = 71

/** A name that is too long keeps its head, and a digest stands for the rest. */
export function executionName(...parts: readonly (string | number)[]): string {
  const name = parts.join('-')
  if (name.length <= LONGEST) return name
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 32)
  return `${name.slice(0, LONGEST - digest.length - 1)}-${digest}`
}

/** The first execution of a name is called so; those after it, once it has closed, get a number. */
export const again = (name: string, repetition: number): string =>
  repetition === 0 ? name : `${name}-r${repetition}`

/** The lease that an execution of this name belongs to, its own or a command's, or undefined where it is no lease's. */
export const leaseOfExecution = (name: string): string | undefined =>
  /^([0-9A-HJKMNP-TV-Z]{26})(?:-\d+)?(?:-r\d+)?$/.exec(name)?.[1]

/** Executions are named after their machine: no lookup is needed to find one. */
export const executionArn = (machineArn: string, name: string): string =>
  `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`

/** The build that an execution of this name is a generation of. */
export const buildOfExecution = (name: string): string | undefined =>
  /^([0-9A-HJKMNP-TV-Z]{26})-g\d+(?:-r\d+)?$/.exec(name)?.[1]

/** Names that are tried one after the other, before it is looked which were used. */
export const TRIED = 8

/**
 * The last number whose name was used: the numbers are used in their order, so that halving finds it in few looks, however
 * many there are.
 */
export async function lastUsed(isUsed: (repetition: number) => Promise<boolean>): Promise<number> {
  let used = TRIED - 1
  let unused = TRIED
  while (await isUsed(unused)) {
    used = unused
    unused *= 2
  }
  while (unused - used > 1) {
    const middle = Math.floor((used + unused) / 2)
    if (await isUsed(middle)) used = middle
    else unused = middle
  }
  return used
}
