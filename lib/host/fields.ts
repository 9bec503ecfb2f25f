import type { Fields } from './answer.ts'

/** Any registered name as one directory's name: what is not plain, and a leading dot, becomes `%` and hex. */
export function directoryName(repository: string): string {
  return encodeURIComponent(repository)
    .replaceAll(/[!'()*~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/^\./, '%2E')
}

export function text(fields: Fields, name: string): string {
  const value = fields.get(name)
  if (value === undefined) throw new Error(`the host's answer lacks ${name}`)
  return value
}

export function number(fields: Fields, name: string): number {
  const value = Number(text(fields, name))
  if (!Number.isFinite(value)) throw new Error(`the host's answer has no number in ${name}`)
  return value
}

export const bytes = (fields: Fields, name: string): Uint8Array =>
  Buffer.from(fields.get(name) ?? '', 'base64')
