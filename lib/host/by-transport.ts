import type { Hosts, Transport } from '../app/ports/hosts.ts'

/** Each host is asked the way it is reached. */
export function byTransport(ways: Readonly<Record<Transport, Hosts>>): Hosts {
  return {
    probe: (target) => ways[target.transport].probe(target),
    init: (target, slot) => ways[target.transport].init(target, slot),
    open: (target, slot) => ways[target.transport].open(target, slot),
    close: (target, slot) => ways[target.transport].close(target, slot),
    checkout: (target, slot, request) => ways[target.transport].checkout(target, slot, request),
    run: (target, slot, command) => ways[target.transport].run(target, slot, command),
    perform: (target, slot, command, look) => ways[target.transport].perform(target, slot, command, look),
    follow: (target, slot, request) => ways[target.transport].follow(target, slot, request),
    merge: (target, slot, request) => ways[target.transport].merge(target, slot, request),
    push: (target, slot, request) => ways[target.transport].push(target, slot, request),
    tidy: (target, slot, request) => ways[target.transport].tidy(target, slot, request),
    cancel: (target, slot, number) => ways[target.transport].cancel(target, slot, number),
  }
}
