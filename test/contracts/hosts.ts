import { afterAll, beforeAll, describe } from 'vitest'
import type { OpenHosts } from '../support/hosts/open-hosts.ts'
import { checkoutRules } from './hosts/checkouts.ts'
import { collectionRules } from './hosts/collections.ts'
import { copyRules } from './hosts/copies.ts'
import { commandRules } from './hosts/commands.ts'
import { fencingRules } from './hosts/fencing.ts'
import { mergeRules } from './hosts/merges.ts'
import { overtakenRules } from './hosts/overtaken.ts'
import { pushRules } from './hosts/pushes.ts'
import { streamRules } from './hosts/streams.ts'

type Open = () => OpenHosts | Promise<OpenHosts>

/** What every adapter of the `Hosts` port must do. `fencing` is what a fake can keep. */
export function hostsContract(name: string, open: Open, scope?: 'fencing'): void {
  describe(`hosts: ${name}`, () => {
    let opened: OpenHosts | undefined
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened?.close())
    const host = (): OpenHosts => {
      if (!opened) throw new Error('the host is not open')
      return opened
    }

    fencingRules(host)
    overtakenRules(host)
    if (scope !== 'fencing') {
      commandRules(host)
      streamRules(host)
      checkoutRules(host)
      copyRules(host)
      collectionRules(host)
      mergeRules(host)
      pushRules(host)
    }
  })
}
