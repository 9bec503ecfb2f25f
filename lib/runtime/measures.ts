import { METRICS } from '../contract/metrics.ts'
import { systemClock } from './clock.ts'

/**
 * A log line that CloudWatch reads as metrics (embedded metric format, version 0): counts under a name each, of one part
 * of the system. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embedded(part: string, counts: Readonly<Record<string, number>>, at: number): string {
  const named = Object.fromEntries(Object.entries(counts).map(([name, count]) => [capital(name), count]))
  return JSON.stringify({
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        {
          Namespace: METRICS.namespace,
          Dimensions: [[METRICS.dimension]],
          Metrics: Object.keys(named).map((name) => ({ Name: name, Unit: 'Count' })),
        },
      ],
    },
    [METRICS.dimension]: part,
    ...named,
  })
}

/** Past the console: what it prints may be prefixed, and then it is no metric any more. */
export function measure(part: string, counts: Readonly<Record<string, number>>): void {
  process.stdout.write(`${embedded(part, counts, systemClock.now())}\n`)
}

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)
