import { randomUUID } from 'node:crypto'
import type { Json, JsonObject } from '../assembly/json.ts'
import type { EventRuleResource, ScheduleResource } from '../assembly/types.ts'
import type { Clock } from '../stepfunctions/clock.ts'
import { parseExpression } from './expression.ts'
import { targetInput } from './input.ts'
import { compilePattern } from './pattern.ts'
import { startTimer } from './timer.ts'

/** An event on its way to a bus, in the words of EventBridge. */
export interface Emitted {
  readonly source: string
  readonly detailType: string
  readonly detail: Json
  readonly resources?: readonly string[]
  /** Epoch milliseconds; now where missing. */
  readonly time?: number
  /** `default` where missing. */
  readonly bus?: string
}

/** Hands an input to a function or state machine; rejects when nobody took it. */
export type Deliver = (targetArn: string, input: Json) => Promise<void>

export interface Events {
  /** Matches the event against all rules and delivers it to their targets; answers its id at once. */
  emit(event: Emitted): string
  /** Stops the schedules and waits for the deliveries under way. */
  close(): Promise<void>
}

/** Runs event rules and schedules. Throws at once on an expression or pattern that it cannot follow. */
export function startEvents(options: {
  readonly rules: readonly EventRuleResource[]
  readonly schedules: readonly ScheduleResource[]
  readonly place: { readonly region: string; readonly account: string }
  readonly clock: Clock
  readonly deliver: Deliver
  readonly onLog: (line: string) => void
}): Events {
  const { place, clock, deliver, onLog } = options
  const underWay = new Set<Promise<void>>()
  const start = clock.now()
  const rules = options.rules.filter(({ enabled }) => enabled)
  const watchers = rules.flatMap((rule) =>
    rule.pattern ? [{ rule, matches: compilePattern(rule.pattern) }] : [],
  )
  const timers = [
    ...rules.flatMap((rule) => (rule.schedule === undefined ? [] : [ruleTimer(rule, rule.schedule)])),
    ...options.schedules.filter(({ enabled }) => enabled).map(scheduleTimer),
  ]

  return {
    emit(emitted) {
      const id = randomUUID()
      const event = envelope(emitted, id)
      for (const { rule, matches } of watchers) {
        if (rule.bus === (emitted.bus ?? 'default') && matches(event)) sendToTargets(rule, event)
      }
      return id
    },
    async close() {
      for (const stop of timers) stop()
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }

  function ruleTimer(rule: EventRuleResource, schedule: string): () => void {
    return startTimer(clock, parseExpression(schedule, start), (due) => {
      sendToTargets(rule, scheduledEvent('aws.events', rule.arn, {}, due))
    })
  }

  function scheduleTimer({ name, arn, expression, timezone, target }: ScheduleResource): () => void {
    if (!/^(Etc\/)?(UTC|GMT)$/.test(timezone))
      throw new Error(`schedule ${name}: only UTC is supported, not ${timezone}`)
    return startTimer(clock, parseExpression(expression, start), (due) => {
      const event = scheduledEvent('aws.scheduler', arn, '{}', due)
      send(name, target.arn, () => targetInput(target, event, { name, arn }))
    })
  }

  function sendToTargets(rule: EventRuleResource, event: JsonObject): void {
    for (const target of rule.targets) send(rule.name, target.arn, () => targetInput(target, event, rule))
  }

  function send(from: string, targetArn: string, input: () => Json): void {
    const delivery = attempt(from, targetArn, input).finally(() => underWay.delete(delivery))
    underWay.add(delivery)
  }

  async function attempt(from: string, targetArn: string, input: () => Json): Promise<void> {
    try {
      await deliver(targetArn, input())
    } catch (error) {
      onLog(`events: ${from} could not reach ${targetArn}: ${String(error)}`)
    }
  }

  function scheduledEvent(source: string, arn: string, detail: Json, time: number): JsonObject {
    return envelope({ source, detailType: 'Scheduled Event', detail, resources: [arn], time }, randomUUID())
  }

  function envelope(
    { source, detailType, detail, resources = [], time = clock.now() }: Emitted,
    id: string,
  ): JsonObject {
    return {
      version: '0',
      id,
      'detail-type': detailType,
      source,
      account: place.account,
      time: `${new Date(time).toISOString().slice(0, 19)}Z`,
      region: place.region,
      resources,
      detail,
    }
  }
}
