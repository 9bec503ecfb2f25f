import { ALLOCATION } from './allocation.ts'
import { FLEET } from './fleet.ts'
import { HOSTS } from './hosts.ts'
import { LEASES } from './leases.ts'
import type { Mutant } from './mutant.ts'
import { REPAIR } from './repair.ts'

/** Each weakens one protection; that all are caught shows that the rules look at what matters. */
export const MUTANTS: readonly Mutant[] = [...ALLOCATION, ...LEASES, ...HOSTS, ...FLEET, ...REPAIR]
