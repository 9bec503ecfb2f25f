import { setTimeout as after } from 'node:timers/promises'
import type { Clock } from '../app/ports/ports.ts'

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds) => after(milliseconds),
}
