import { readFileSync } from 'node:fs'
import process from 'node:process'
import { createClient } from '../api.ts'
import type { Command, Context } from './command.ts'
import { commands } from './commands/index.ts'
import { EXIT } from './exit-codes.ts'
import { report } from './failure.ts'
import { helpOf, helpOfAll, usageLine } from './help.ts'
import { readInput } from './input.ts'
import { interruption, InterruptedError } from './interruption.ts'
import { parse } from './parse.ts'
import type { Parsed } from './parse.ts'
import { createScreen } from './screen.ts'
import type { Screen } from './screen.ts'
import { readSettings } from './settings.ts'
import { UsageError } from './usage.ts'

/** Runs what the command line says and sets the exit code; the process ends when everything is written. */
export async function main(): Promise<void> {
  const supervised = process.env['DRYDOCK_SUPERVISED'] === '1'
  delete process.env['DRYDOCK_SUPERVISED']
  // Whoever writes learns of a reader that went away from the write itself.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  process.exitCode = await dispatch(process.argv.slice(2), interruption(process, supervised))
}

async function dispatch(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { command, rest } = find(argv)
  if (command === undefined) return general(argv)
  const screen = screenFor(command, rest)
  signal.addEventListener('abort', () => {
    const reason: unknown = signal.reason
    if (reason instanceof InterruptedError) screen.say('interrupted', { signal: reason.signal })
  })
  try {
    const parsed = parse(command, rest)
    if (parsed.values['help'] === true) return print(helpOf(command))
    return await command.run(parsed as Parameters<Command['run']>[0], contextOf(parsed, screen, signal))
  } catch (error) {
    if (!(error instanceof UsageError)) return report(error, screen)
    screen.say('usage', { detail: error.message })
    if (screen.mode === 'text')
      process.stderr.write(`${usageLine(command)}\nTry: drydock ${command.name} --help\n`)
    return EXIT.failed
  }
}

function contextOf({ values }: Parsed, screen: Screen, signal: AbortSignal): Context {
  const flags = { url: text(values['url']), token: text(values['token']) }
  const settings = () => readSettings(flags, process.env, process.cwd())
  return {
    screen,
    settings,
    client: () => createClient(settings()),
    environment: process.env,
    input: (most) => readInput(process.stdin, most, signal),
    interruption: signal,
  }
}

/** `run` mixes results and news, so for machines both go to stdout line by line. */
function screenFor(command: Command, rest: readonly string[]): Screen {
  const dashes = rest.indexOf('--')
  const json = rest.slice(0, dashes < 0 ? rest.length : dashes).includes('--json')
  const mode = !json ? 'text' : command.trailing || command.mixed ? 'lines' : 'json'
  return createScreen({ stdout: process.stdout, stderr: process.stderr, environment: process.env }, mode)
}

function find(argv: readonly string[]) {
  // `build list` before `build`, whose operand could be called so.
  const [command] = commands
    .filter(({ name }) => name.split(' ').every((word, index) => argv[index] === word))
    .toSorted((one, other) => other.name.length - one.name.length)
  return { command, rest: argv.slice(command?.name.split(' ').length ?? 0) }
}

function general(argv: readonly string[]): number {
  const [first = '--help'] = argv
  if (first === '--version') return print(`drydock ${version()}`)
  const group = commands.filter(({ name }) => name.startsWith(`${first} `))
  const asked = argv.length === 0 || first === 'help' || argv.includes('--help')
  if (asked && (first.startsWith('-') || first === 'help')) return print(helpOfAll(commands))
  if (asked && group.length > 0) return print(helpOfAll(group))
  const known = group.length > 0 ? group : commands
  const names = known.map(({ name }) => name).join(', ')
  process.stderr.write(`drydock: there is no command '${argv.slice(0, 2).join(' ')}'; there are: ${names}\n`)
  return EXIT.failed
}

function print(output: string): number {
  process.stdout.write(`${output}\n`)
  return EXIT.ok
}

function version(): string {
  const manifest = new URL('../../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
