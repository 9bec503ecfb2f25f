import { z } from 'zod'

/** Names that operators give: they become parts of keys, directories and URLs. */
export const name = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'lower-case letters, digits and inner dashes, at most 63')

/** ULID of a lease. */
export const identifier = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'not a lease id')

/** Free text that UTF-8 can hold: half a surrogate pair is no character. */
export const wellFormed = z.string().refine((value) => value.isWellFormed(), 'text that UTF-8 cannot hold')

export const instant = z.iso.datetime().describe('ISO 8601, UTC')

export const seconds = (least: number, most: number) => z.int().min(least).max(most)

export const commandNumber = z.coerce.number().int().min(1).max(9_999)

/** Seconds that a read may wait for a change. */
export const wait = z.coerce.number().int().min(0).max(20).default(0)

/** What an operator says of a change, for those who meet it. */
export const reason = wellFormed.min(1).max(500).describe('Shown to whoever meets it')
