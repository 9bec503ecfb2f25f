import type { Client } from '../../../lib/client/api.ts'
import { streamOutput } from '../../../lib/client/follow.ts'

/**
 * Starts a program through a lease and waits until its output holds `word`, or until it has ended; answers its number
 * and all that it said so far.
 */
export async function startUntil(
  client: Client,
  { id, token }: { readonly id: string; readonly token: string },
  argv: readonly string[],
  word: string,
): Promise<{ readonly number: number; readonly said: string }> {
  const { number } = await client.runCommand({ id, body: { argv: [...argv] } }, { token })
  let said = ''
  for await (const { bytes } of streamOutput(client, id, number, { token })) {
    said += Buffer.from(bytes).toString('latin1')
    if (said.includes(word)) break
  }
  return { number, said }
}
