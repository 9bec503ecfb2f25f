import { viewPool, viewPools } from '../../app/pools/view-pool.ts'
import type { Ports } from '../../app/ports/ports.ts'
import { ok } from '../../domain/refusals.ts'
import { presentPool } from '../present/pool.ts'
import type { Handlers } from '../router.ts'

export const poolHandlers = (ports: Pick<Ports, 'table' | 'clock'>): Handlers<'listPools' | 'getPool'> => ({
  listPools: async () => ok({ body: { pools: (await viewPools(ports)).map(presentPool) } }),

  getPool: async ({ parameters }) => {
    const pool = await viewPool(ports, parameters.name)
    return pool.ok ? ok({ body: presentPool(pool.value) }) : pool
  },
})
