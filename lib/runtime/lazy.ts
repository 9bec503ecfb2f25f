/** Makes the value at its first use and keeps it; a failed making is forgotten, so that the next use tries again. */
export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
