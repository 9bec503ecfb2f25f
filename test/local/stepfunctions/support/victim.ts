import process from 'node:process'
import { startStepFunctions, type MachineSource } from '../../../../infra/local/stepfunctions/server.ts'

/** A process that runs the stand-in until it is killed. Its Lambdas never answer; it prints what is called. */
const [, , journal, definition] = process.argv
const tell = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`)
const never = new Promise<never>(() => undefined)

const { endpoint } = await startStepFunctions({
  stateMachines: [JSON.parse(String(definition)) as MachineSource],
  journal: String(journal),
  invokeLambda: async () => {
    tell({ called: 'lambda' })
    return never
  },
  sdkIntegrations: {
    'dynamodb:updateItem': async ({ Token }) => {
      tell({ called: 'sdk', token: Token })
      return {}
    },
  },
})
tell({ endpoint })
// Nobody left to kill it: it must not outlive a test run that was killed itself.
process.stdin.on('end', () => process.exit()).resume()
