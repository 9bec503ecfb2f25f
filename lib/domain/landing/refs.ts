/**
 * Whether git would take it as the name of a branch or a ref (its rules are those of `git check-ref-format`), and whether
 * nobody could take it for an option. The host asks git itself again.
 */
export function isRef(name: string): boolean {
  if (name === '' || name.length > 255 || name.startsWith('-') || name.startsWith('/')) return false
  if (name.endsWith('/') || name.endsWith('.') || name === '@' || name.includes('@{')) return false
  if (name.includes('..') || name.includes('//')) return false
  if (/[\p{Cc} ~^:?*[\\]/u.test(name) || !name.isWellFormed()) return false
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'))
}

/** A branch by its short name: `refs/...` and `HEAD` would be taken for something else. */
export const isBranch = (name: string): boolean => isRef(name) && name !== 'HEAD' && !name.startsWith('refs/')

/** Patterns of branches: a name, or the beginning of names with `*` after it. */
export const fitsBranch = (pattern: string, branch: string): boolean =>
  pattern.endsWith('*') ? branch.startsWith(pattern.slice(0, -1)) : pattern === branch
