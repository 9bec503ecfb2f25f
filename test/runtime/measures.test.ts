import { expect, test } from 'vitest'
import { METRICS } from '../../lib/contract/metrics.ts'
import { embedded } from '../../lib/runtime/measures.ts'

test('counts are one line that CloudWatch reads as metrics of their part', () => {
  const line = embedded('audit', { mended: 3, failed: 0 }, 1_800_000_000_000)

  expect(line).not.toContain('\n')
  expect(JSON.parse(line)).toEqual({
    _aws: {
      Timestamp: 1_800_000_000_000,
      CloudWatchMetrics: [
        {
          Namespace: 'Drydock',
          Dimensions: [['Part']],
          Metrics: [
            { Name: METRICS.mended, Unit: 'Count' },
            { Name: 'Failed', Unit: 'Count' },
          ],
        },
      ],
    },
    Part: 'audit',
    Mended: 3,
    Failed: 0,
  })
})
