import { z } from 'zod'

/**
 * Who may call: `lease` an API token that may lease; `operator`; `holder` the lease's own token (operators may too where
 * the use case says so); `reader` the holder, the lease's owner or an operator.
 */
export type Permission = 'lease' | 'operator' | 'holder' | 'reader'

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** API Gateway's form: `{id}` is a path parameter. */
  readonly path: string
  readonly summary: string
  readonly permission: Permission
  /** Long polls are a function of their own, so that they never starve renewals. */
  readonly served: 'api' | 'poll'
  readonly parameters: z.ZodObject
  readonly query: z.ZodObject
  readonly body?: z.ZodType
  /** Of the body, where a megabyte is too little. */
  readonly mostBytes?: number
  readonly idempotencyKey?: 'required'
  readonly success: { readonly status: 200 | 201 | 202; readonly body: z.ZodType }
}

/** No parameters, or no query. */
export const none = z.strictObject({})
