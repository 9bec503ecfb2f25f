/** Milliseconds inside, ISO 8601 UTC at this edge. */
export const iso = (milliseconds: number): string => new Date(milliseconds).toISOString()

/** Whole seconds at this edge. */
export const inSeconds = (milliseconds: number): number => Math.round(milliseconds / 1_000)

export const milliseconds = (seconds: number): number => seconds * 1_000
