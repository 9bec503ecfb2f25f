import { z } from 'zod'
import { instant, name, reason } from './scalars.ts'

export const disableRequest = z.strictObject({ reason: reason.optional() }).meta({ id: 'DisableRequest' })
export type DisableRequest = z.input<typeof disableRequest>

/** Whether a blueprint gives slots to its leases. */
export const blueprintState = z
  .strictObject({
    name,
    enabled: z.boolean(),
    disabled: z
      .strictObject({ by: z.string(), at: instant, reason: z.string().optional() })
      .optional()
      .describe('By whom, since when and why, unless it is enabled'),
  })
  .meta({ id: 'BlueprintState' })
export type BlueprintState = z.infer<typeof blueprintState>
