import { z } from 'zod'

/** RFC 9457. `code` is stable and shared with the CLI and the runbook; `type` names it for machines. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    leaseId: z.string().optional(),
    requestId: z.string().optional(),
    hints: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])).optional(),
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof problem>
