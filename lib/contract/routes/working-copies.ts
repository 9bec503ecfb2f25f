import { z } from 'zod'
import * as copies from '../working-copy.ts'
import { none } from './route.ts'
import type { Route } from './route.ts'

/** What is no working copy's id is simply not there. */
const byCopy = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9.-]{1,100}$/) })

/** Working copies that stand warm on slots. */
export const workingCopyRoutes = {
  listWorkingCopies: {
    method: 'GET',
    path: '/v1/working-copies',
    summary: 'Working copies on the slots of all hosts, by host and slot',
    permission: 'operator',
    served: 'api',
    parameters: none,
    query: copies.workingCopyFilter,
    success: { status: 200, body: copies.workingCopyPage },
  },
  getWorkingCopy: {
    method: 'GET',
    path: '/v1/working-copies/{id}',
    summary: 'A working copy with its timeline, also for 30 days after it is gone',
    permission: 'operator',
    served: 'api',
    parameters: byCopy,
    query: none,
    success: { status: 200, body: copies.workingCopy },
  },
  removeWorkingCopy: {
    method: 'DELETE',
    path: '/v1/working-copies/{id}',
    summary: 'Remove an idle working copy from its host; the same answer twice',
    permission: 'operator',
    served: 'api',
    parameters: byCopy,
    query: none,
    success: { status: 200, body: copies.workingCopy },
  },
} as const satisfies Record<string, Route>
