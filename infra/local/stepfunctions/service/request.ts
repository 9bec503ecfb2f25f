import { z } from 'zod'
import { payloadLimit } from '../json.ts'
import { ServiceError } from './error.ts'

/** An operation that reads its request by a schema and refuses what does not fit. */
export function operation<Shape extends z.ZodType>(
  shape: Shape,
  work: (request: z.infer<Shape>) => Promise<object>,
): (body: unknown) => Promise<object> {
  return async (body) => {
    const { data, error } = shape.safeParse(body)
    if (error) throw refusalOf(error)
    return work(data)
  }
}

/** JSON as text. What is none is refused under the operation's own name for it. */
export function jsonText(code: string) {
  return z.string().superRefine((text, context) => {
    if (Buffer.byteLength(text) > payloadLimit) {
      context.addIssue({ code: 'custom', message: `is longer than ${payloadLimit} bytes` })
    } else if (!isJson(text)) {
      context.addIssue({ code: 'custom', message: 'is not JSON', params: { code } })
    }
  })
}

export function shortText(length: number) {
  return z.string().max(length).optional()
}

export const page = {
  maxResults: z.number().int().min(0).max(1000).default(0),
  nextToken: z
    .string()
    .refine((text) => /^\d+$/.test(text), {
      message: 'is no token of this listing',
      params: { code: 'InvalidToken' },
    })
    .transform(Number)
    .optional(),
}

export function pageOf<Item>(
  items: readonly Item[],
  { maxResults, nextToken = 0 }: { maxResults: number; nextToken?: number | undefined },
  usual: number,
): { items: readonly Item[]; nextToken: string | undefined } {
  const end = nextToken + (maxResults === 0 ? usual : maxResults)
  return { items: items.slice(nextToken, end), nextToken: end < items.length ? String(end) : undefined }
}

function refusalOf({ issues }: z.ZodError): ServiceError {
  const named = issues.flatMap((issue) => ('params' in issue ? [issue.params?.code] : []))[0]
  const message = issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  return new ServiceError(typeof named === 'string' ? named : 'ValidationException', message)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
