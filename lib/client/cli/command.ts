import type { Client } from '../api.ts'
import type { Screen } from './screen.ts'
import type { Settings } from './settings.ts'

export interface Flag {
  readonly type: 'string' | 'boolean'
  readonly multiple?: true
  /** One letter, as in `-f`. */
  readonly short?: string
  /** Placeholder in the help text. */
  readonly value?: string
  readonly about: string
}

export type Flags = Readonly<Record<string, Flag>>

export type Values<F extends Flags> = {
  readonly [K in keyof F]?: F[K] extends { type: 'boolean' }
    ? boolean
    : F[K] extends { multiple: true }
      ? string[]
      : string
}

/** What a command is given to work with. */
export interface Context {
  readonly screen: Screen
  /** The service and how to come in. */
  readonly settings: () => Settings
  readonly client: () => Client
  readonly environment: Readonly<Record<string, string | undefined>>
  /** What comes through a pipe, to its end. @throws UsageError where it is longer than that */
  readonly input: (most: number) => Promise<Buffer>
  /** Aborts at the first Ctrl-C. */
  readonly interruption: AbortSignal
}

export interface Command<F extends Flags = Flags> {
  /** As typed: `lease create`. */
  readonly name: string
  readonly about: string
  /** Operands, as in the usage line. */
  readonly operands?: string
  /** How many operands are taken. */
  readonly count?: { readonly least: number; readonly most: number }
  /** The operands are a command line of their own, after `--`. */
  readonly trailing?: true
  /** Says both results and news: for machines each is a line with its code. */
  readonly mixed?: true
  /** Operands before `--`; default none. */
  readonly leading?: number
  readonly flags: F
  readonly examples: readonly string[]
  /** @returns the exit code */
  readonly run: (
    given: { values: Values<F>; operands: readonly string[] },
    context: Context,
  ) => Promise<number>
}

/** Keeps the flags' names and kinds for the type of the values; the table of commands needs none of that. */
export function defineCommand<const F extends Flags>(command: Command<F>): Command {
  return command as unknown as Command
}
