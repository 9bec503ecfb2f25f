import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { openApiDocument } from './openapi/document.ts'

/** Writes docs/openapi.json, or with --check says whether it is what the route table makes. */
const file = fileURLToPath(new URL('../../docs/openapi.json', import.meta.url))
const made = `${JSON.stringify(openApiDocument(), null, 2)}\n`
if (!process.argv.includes('--check')) writeFileSync(file, made)
else if (readFileSync(file, 'utf8') !== made) {
  process.stderr.write('docs/openapi.json is not what the routes make: run npm run openapi\n')
  process.exitCode = 1
}
