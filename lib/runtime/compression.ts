import { gunzipSync, gzipSync } from 'node:zlib'
import type { Compression } from '../app/ports/ports.ts'

/** Chunks are 64 KB at most: a thread would cost more than it saves, and so would a higher level. */
export const gzip: Compression = {
  pack: (bytes) => gzipSync(bytes, { level: 1 }),
  unpack: (bytes) => gunzipSync(bytes),
}
