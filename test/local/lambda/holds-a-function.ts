// A parent for the tests: holds a function that never answers; the function itself prints its pid.
import { startLambda } from '../../../infra/local/lambda/start.ts'
import { arnOf } from './functions.ts'

const lambda = await startLambda({
  functions: [
    {
      name: 'spins',
      arn: arnOf('spins'),
      handler: 'index.handler',
      codeDirectory: process.argv[2] ?? '',
      timeoutSeconds: 900,
      memoryMb: 128,
      environment: {},
    },
  ],
  environment: {},
  maxProcesses: 1,
  temporaryDirectory: process.argv[2] ?? '',
  onLog: (_, line) => console.log(line),
})
await lambda.invoke('spins', '{}')
