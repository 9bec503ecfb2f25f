import { readFileSync } from 'node:fs'
import { isCollection, isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import type { Document, Node } from 'yaml'
import type { z } from 'zod'
import { DocumentError } from './usage.ts'

/**
 * Reads a document (YAML, or JSON, which is YAML) and judges it by the service's own schema; the answer is as it was written.
 * @throws DocumentError
 */
export function readDocument<S extends z.ZodType>(path: string, schema: S): z.input<S> {
  const lines = new LineCounter()
  const document = parseDocument(readText(path), { lineCounter: lines, prettyErrors: false })
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${path}:${line}:${col}`
  }
  const [...errors] = document.errors
  if (errors.length > 0) {
    throw new DocumentError(errors.map((error) => ({ place: at(error.pos[0]), detail: error.message })))
  }
  const value: unknown = document.toJS() ?? {}
  const read = schema.safeParse(value)
  if (read.success) return value as z.input<S>
  throw new DocumentError(
    read.error.issues.flatMap((issue) => {
      const where = issue.path.map(String)
      if (issue.code === 'unrecognized_keys') {
        return issue.keys.map((key) => ({
          place: at(offsetOf(document, [...where, key])),
          detail: `${[...where, key].join('.')}: there is no such field`,
        }))
      }
      return [
        {
          place: at(offsetOf(document, where)),
          detail: `${where.join('.') || 'document'}: ${issue.message}`,
        },
      ]
    }),
  )
}

/** Of the key that the path ends with, or of the deepest thing on the way that is there. */
function offsetOf(document: Document, path: readonly string[]): number {
  let node = document.contents
  let offset = node?.range?.[0] ?? 0
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step)
      if (!pair) return offset
      offset = (pair.key as Node).range?.[0] ?? offset
      node = pair.value as Node | null
    } else if (isCollection(node)) {
      node = node.get(Number(step), true) as Node | null
      offset = node?.range?.[0] ?? offset
    }
  }
  return offset
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new DocumentError([{ place: path, detail: error instanceof Error ? error.message : String(error) }])
  }
}
