import { randomBytes } from 'node:crypto'
import { ulid } from 'ulid'
import type { Chance } from '../app/ports/ports.ts'
import { base32 } from './base32.ts'

export const systemChance: Chance = {
  ulid: () => ulid(),
  opaque: () => base32(randomBytes(16)),
  fraction: () => Math.random(),
}
