import type { Ports } from '../ports/ports.ts'
import type { Write } from '../ports/table.ts'
import { goneAnyway, notThereYet } from '../store/conditions/any-item.ts'
import { inputKey } from '../store/keys.ts'
import { collectableAt } from '../store/lease-item.ts'
import type { Command } from './command.ts'

/** What a command may read from its standard input. */
export const MOST_INPUT = 1_048_576
/** Bytes in one item: below 400 KB even where they cannot be compressed. */
const PART = 262_144

export const inputPartsOf = (input: Uint8Array | undefined): number =>
  input === undefined ? 0 : Math.max(1, Math.ceil(input.length / PART))

/** Items of a command that hold its input until it has ended. */
export function inputWrites(
  { compression }: Partial<Pick<Ports, 'compression'>>,
  { leaseId, number, createdAt, inputParts }: Command,
  input: Uint8Array = new Uint8Array(),
): Write[] {
  if (inputParts === 0) return []
  if (!compression) throw new Error('whoever runs this cannot keep its input')
  return Array.from({ length: inputParts }, (_, part) => ({
    kind: 'put',
    item: {
      ...inputKey(leaseId, number, part),
      bytes: compression.pack(input.subarray(part * PART, (part + 1) * PART)),
      ttl: collectableAt(createdAt),
    },
    when: notThereYet,
  }))
}

export const inputRemoval = ({ leaseId, number, inputParts }: Command): Write[] =>
  Array.from({ length: inputParts }, (_, part) => ({
    kind: 'delete',
    key: inputKey(leaseId, number, part),
    when: goneAnyway,
  }))

/** The command's input; undefined where it has none, or has ended meanwhile. */
export async function readInput(
  ports: Pick<Ports, 'table' | 'compression'>,
  { leaseId, number, inputParts }: Command,
): Promise<Uint8Array | undefined> {
  if (inputParts === 0) return undefined
  const keys = Array.from({ length: inputParts }, (_, part) => inputKey(leaseId, number, part))
  const parts = (await ports.table.getAll(keys)).flatMap((item) =>
    item ? [ports.compression.unpack(item['bytes'] as Uint8Array)] : [],
  )
  if (parts.length < inputParts) return undefined
  const input = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    input.set(part, at)
    at += part.length
  }
  return input
}
