import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenHosts } from '../../../support/hosts/open-hosts.ts'
import type { Verb } from '../model/messages.ts'
import type { Accident, Stored, Subject } from './subject.ts'
import { callHost, verdictOf } from './subject.ts'

let slots = 0

/** No other test's, because processes are found by it. */
function freshNumber(): number {
  slots += 1
  return process.pid * 10_000 + slots
}

/** A new slot of a host on this machine, of which nothing is known but its answers and its processes. */
export function createRemoteSubject(host: OpenHosts): Subject {
  const slot = freshNumber()
  return {
    send: async (message) => verdictOf(await callHost(host, slot, message)),
    suffer: (accident) => {
      throw new Error(`a host that is remote cannot be made to suffer: ${accident}`)
    },
    living: () => livingIn(slot),
  }
}

/** A new slot of a host on this machine whose files are at hand. */
export function createScriptSubject(host: OpenHosts): Subject {
  const slot = freshNumber()
  const directory = join(host.target.directory, 'slots', String(slot))
  const file = join(directory, 'state')
  const endProcesses = (): void => {
    // What a process has forked before it died is seen by the next look.
    for (let left = marked(slot); left.length > 0; left = marked(slot)) {
      for (const { pid } of left) spawnSync('kill', ['-KILL', pid])
    }
  }
  const send: Subject['send'] = async (message) => verdictOf(await callHost(host, slot, message))

  return {
    send,
    cut: async (message, milliseconds) => {
      if (message.verb === 'run') return send(message)
      const answer = callHost(host, slot, message)
      await sleep(milliseconds)
      for (const pid of verbsOf(host, message.verb)) spawnSync('kill', ['-KILL', pid])
      const verdict = verdictOf(await answer)
      // A rename that had begun goes on without its verb.
      while (argumentsOf().some(({ text }) => text.includes(`${directory}/`))) await sleep(2)
      return verdict === 'script_failed' ? 'none' : verdict
    },
    suffer: (accident) => {
      if (accident === 'reboot' || accident === 'reimaged') endProcesses()
      if (accident === 'reimaged') rmSync(directory, { recursive: true, force: true })
      else spoil(file, accident)
    },
    living: () => livingIn(slot),
    stored: () => storedIn(file),
  }
}

function spoil(file: string, accident: Accident): void {
  const [epoch, status, nonce] = fieldsOf(file)
  if (epoch === undefined && accident !== 'swapped') return
  if (accident === 'lost') rmSync(file)
  else if (accident === 'reboot') writeFileSync(file, `${epoch} ${status} ${nonce} another-boot\n`)
  else {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `0 open foreign ${boot}\n`)
  }
}

function storedIn(file: string): Stored {
  const [epoch, status, nonce] = fieldsOf(file)
  return { epoch: Number(epoch ?? 0), status: status ?? 'none', nonce: nonce ?? 'none' }
}

function fieldsOf(file: string): string[] {
  const text = textOf(file)
  return text === '' ? [] : text.trim().split(' ')
}

const livingIn = (slot: number): number => marked(slot).reduce((bits, { epoch }) => bits | (1 << epoch), 0)

/** The living processes that carry the slot's mark, and the epoch that the mark names. */
function marked(slot: number): { pid: string; epoch: number }[] {
  const mark = new RegExp(`/slots/${slot}#([0-9]+)\\.`)
  return processes().flatMap((pid) => {
    const epoch = mark.exec(textOf(`/proc/${pid}/environ`))?.[1]
    return epoch === undefined ? [] : [{ pid, epoch: Number(epoch) }]
  })
}

const verbsOf = ({ target }: OpenHosts, verb: Verb): string[] =>
  argumentsOf()
    .filter(({ text }) => text.includes(`${target.directory}/bin/host-`) && text.endsWith(`${verb}\0`))
    .map(({ pid }) => pid)

const argumentsOf = (): { pid: string; text: string }[] =>
  processes().map((pid) => ({ pid, text: textOf(`/proc/${pid}/cmdline`) }))

const processes = (): string[] =>
  readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name) && Number(name) !== process.pid)

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return '' // not there, or it has ended since
  }
}
