import process from 'node:process'
import { parseArgs } from 'node:util'
import type { LocalReach } from '../hosts/local-host.ts'

export interface StartOptions {
  readonly data?: string
  readonly port: number
  readonly announce: string
  readonly verbose: boolean
  /** How the hosts are reached. */
  readonly transport: LocalReach['transport']
}

const HELP = `npm start [-- options]
  --data DIR       keep the state in DIR over restarts (default: nothing outlives this process)
  --port N         of the HTTP API (default 8440; 0 = any free one)
  --announce DIR   where the CLI finds this installation when it is started there (default: the project)
  --transport ssm  reach the hosts through Systems Manager (default: ssh)
  --verbose        show what the functions log`

/** What was asked for on the command line; ends the process where that is help, or nothing that can be done. */
export function readOptions(project: string): StartOptions {
  const values = parse(project)
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    refuse(`--port ${values.port} is no port: 0 to 65535`)
  const { data, announce, verbose, transport } = values
  if (transport !== 'ssh' && transport !== 'ssm') refuse(`--transport ${transport}: ssh or ssm`)
  return { port, announce, verbose, transport, ...(data === undefined ? {} : { data }) }
}

function parse(project: string) {
  try {
    const { values } = parseArgs({
      options: {
        data: { type: 'string' },
        port: { type: 'string', default: '8440' },
        announce: { type: 'string', default: project },
        transport: { type: 'string', default: 'ssh' },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (!values.help) return values
    console.log(HELP)
    return process.exit(0)
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

/** Tells in one line what a stack trace would hide, where it is the caller's to mend. */
export function explain(error: unknown, port: number): never {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  if (taken) return refuse(`port ${port} is taken, perhaps by another npm start; --port 0 takes any free one`)
  throw error
}

function refuse(message: string): never {
  console.error(`${message}\n\n${HELP}`)
  return process.exit(2)
}
