import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/**
 * The path of the DynamoDB emulator for this machine. Throws an error that says what to do where the lockfile
 * brings none.
 */
export function findBinary(platform: string = process.platform, architecture: string = process.arch): string {
  const name = `@dynoxide/${platform}-${architecture}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'dynoxide')
  } catch (cause) {
    const advice =
      'Start another one, such as DynamoDB Local, and name it in AWS_ENDPOINT_URL_DYNAMODB ' +
      '(for example http://127.0.0.1:8000).'
    const message = `No DynamoDB emulator is installed for ${platform}-${architecture} (${name}). ${advice}`
    throw new Error(message, { cause })
  }
}
