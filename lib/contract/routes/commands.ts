import { z } from 'zod'
import * as commands from '../command.ts'
import { commandNumber, identifier, wait } from '../scalars.ts'
import { none } from './route.ts'
import type { Route } from './route.ts'

const byLease = z.strictObject({ id: identifier })
const byCommand = z.strictObject({ id: identifier, number: commandNumber })

/** Commands that run through a lease. */
export const commandRoutes = {
  runCommand: {
    method: 'POST',
    path: '/v1/leases/{id}/commands',
    summary: 'Run a program through an active lease',
    permission: 'holder',
    served: 'api',
    parameters: byLease,
    query: none,
    body: commands.commandRequest,
    // A megabyte of input as base64 or as text, and arguments.
    mostBytes: 1_900_000,
    idempotencyKey: 'required',
    success: { status: 202, body: commands.command },
  },
  getCommand: {
    method: 'GET',
    path: '/v1/leases/{id}/commands/{number}',
    summary: 'A command; with wait, answers when it has ended',
    permission: 'reader',
    served: 'poll',
    parameters: byCommand,
    query: z.strictObject({ wait }),
    success: { status: 200, body: commands.command },
  },
  commandOutput: {
    method: 'GET',
    path: '/v1/leases/{id}/commands/{number}/output',
    summary: 'Output from an offset; with wait, answers when there is some or the command has ended',
    permission: 'reader',
    served: 'poll',
    parameters: byCommand,
    query: commands.outputQuery,
    success: { status: 200, body: commands.output },
  },
  cancelCommand: {
    method: 'DELETE',
    path: '/v1/leases/{id}/commands/{number}',
    summary: 'Kill the command; the lease stays',
    permission: 'holder',
    served: 'api',
    parameters: byCommand,
    query: none,
    success: { status: 200, body: commands.command },
  },
} as const satisfies Record<string, Route>
