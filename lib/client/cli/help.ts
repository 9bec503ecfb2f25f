import type { Command, Flags } from './command.ts'
import { EXIT_HELP } from './exit-codes.ts'
import { GLOBAL_FLAGS } from './parse.ts'

export function usageLine(command: Command): string {
  const flags = Object.keys(command.flags).length > 0 ? ' [options]' : ''
  const operands =
    command.operands === undefined
      ? ''
      : ` ${command.trailing && !command.leading ? '-- ' : ''}${command.operands}`
  return `Usage: drydock ${command.name}${flags}${operands}`
}

export function helpOf(command: Command): string {
  return [
    `${usageLine(command)}\n\n${command.about}`,
    section('Options', { ...command.flags, ...GLOBAL_FLAGS }),
    `Examples:\n${command.examples.map((example) => `  ${example}`).join('\n')}`,
    EXIT_HELP,
  ].join('\n\n')
}

export function helpOfAll(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  const lines = commands.map(({ name, about }) => `  ${name.padEnd(width)}  ${about.split('\n')[0] ?? ''}`)
  return [
    'Usage: drydock COMMAND [options]\n\nLeases build machines and clean git working copies.',
    `Commands:\n${lines.join('\n')}`,
    section('Options of every command', GLOBAL_FLAGS),
    `Examples:
  drydock run --repository example --commit main -- npm test
  drydock lease list --status active
  drydock run --help`,
    EXIT_HELP,
  ].join('\n\n')
}

function section(title: string, flags: Flags): string {
  const rows = Object.entries(flags).map(([name, flag]) => ({
    left: `${flag.short === undefined ? '' : `-${flag.short}, `}--${name}${flag.type === 'string' ? ` ${flag.value ?? 'VALUE'}` : ''}`,
    about: flag.about + (flag.multiple ? ' (may be repeated)' : ''),
  }))
  const width = Math.max(...rows.map(({ left }) => left.length))
  return `${title}:\n${rows.map(({ left, about }) => `  ${left.padEnd(width)}  ${about}`).join('\n')}`
}
