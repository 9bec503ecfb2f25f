import { StringDecoder } from 'node:string_decoder'
import type { Readable } from 'node:stream'

/** Calls back with each line of a stream (UTF-8, without line end), the unfinished last one included. */
export function forEachLine(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
  stream.on('close', () => {
    const last = rest + decoder.end()
    if (last !== '') onLine(last)
  })
}
