import type { RouteResource } from '../assembly/types.ts'

export interface Match {
  readonly route: RouteResource
  /** Decoded; empty where the route names none. */
  readonly parameters: Readonly<Record<string, string>>
}

interface Compiled {
  readonly route: RouteResource
  readonly method: string
  readonly segments: readonly Segment[]
  readonly greedy: boolean
}
type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable' | 'rest'; readonly name: string }

/**
 * API Gateway's order: a full match before a greedy one, then `$default`; literal segments before variables
 * from left to right, a named method before ANY.
 */
export function compileRoutes(routes: readonly RouteResource[]) {
  const fallback = routes.find(({ key }) => key === '$default')
  const ordered = routes
    .filter(({ key }) => key !== '$default')
    .map(compile)
    .toSorted(moreSpecificFirst)

  /** `path` is decoded; undefined means that no route fits. */
  return function match(method: string, path: string): Match | undefined {
    const parts = path.slice(1).split('/')
    for (const candidate of ordered) {
      if (candidate.method !== method && candidate.method !== 'ANY') continue
      const parameters = capture(candidate, parts)
      if (parameters) return { route: candidate.route, parameters }
    }
    return fallback && { route: fallback, parameters: {} }
  }
}

function compile(route: RouteResource): Compiled {
  const [method = '', path = ''] = route.key.split(' ')
  const segments = path.slice(1).split('/').map(toSegment)
  return { route, method, segments, greedy: segments.at(-1)?.kind === 'rest' }
}

function toSegment(text: string): Segment {
  if (!text.startsWith('{') || !text.endsWith('}')) return { kind: 'literal', text }
  if (text.endsWith('+}')) return { kind: 'rest', name: text.slice(1, -2) }
  return { kind: 'variable', name: text.slice(1, -1) }
}

function capture({ segments, greedy }: Compiled, parts: readonly string[]) {
  if (greedy ? parts.length < segments.length : parts.length !== segments.length) return undefined
  const parameters: Record<string, string> = {}
  for (const [index, segment] of segments.entries()) {
    const part = parts[index] ?? ''
    if (segment.kind === 'literal') {
      if (part !== segment.text) return undefined
    } else {
      const value = segment.kind === 'rest' ? parts.slice(index).join('/') : part
      if (value === '') return undefined
      parameters[segment.name] = value
    }
  }
  return parameters
}

const rank = { literal: 0, variable: 1, rest: 2 }

function moreSpecificFirst(left: Compiled, right: Compiled): number {
  if (left.greedy !== right.greedy) return left.greedy ? 1 : -1
  const shared = Math.min(left.segments.length, right.segments.length)
  for (let index = 0; index < shared; index += 1) {
    const difference =
      rank[left.segments[index]?.kind ?? 'rest'] - rank[right.segments[index]?.kind ?? 'rest']
    if (difference !== 0) return difference
  }
  if (left.segments.length !== right.segments.length) return right.segments.length - left.segments.length
  return Number(left.method === 'ANY') - Number(right.method === 'ANY')
}
