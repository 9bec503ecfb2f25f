import { BUS } from '../../lib/contract/machines.ts'
import { call, expression, on, whenBusy, whenFailed } from './asl.ts'
import type { Definition, State, Task } from './asl.ts'
import { awaitWork } from './await-work.ts'

export interface BuildTargets {
  readonly partition: string
  readonly tableName: string
  readonly busName: string
  readonly buildArn: string
  readonly notifyArn: string
}

/** The input is the build and its generation and nothing else, so it stays readable from every state. */
const input = '$states.context.Execution.Input'
/** Times in a row that a state failed beyond its retries. */
const faults = '($exists($faults) ? $faults : 0)'
/** Rests of half a minute before the lease is given back without having come to an end. */
const MOST_FAULTS = 20
/** Rests between tries to tell the webhook, those after a fault of ours included. */
const rests = '($exists($rests) ? $rests : 0)'
/** The function gives up after five; more are faults of its own, and what is left then is the sweep's. */
const MOST_RESTS = 20

/**
 * One execution per generation of a build: where it stands is what the graph shows. The machine executes and never
 * decides; each state asks the record what it is for now, and the way out of every one leads through Release.
 */
export function buildMachine(targets: BuildTargets): Definition {
  return {
    Comment: 'The life of one generation of a build. The table decides; this executes.',
    QueryLanguage: 'JSONata',
    StartAt: 'CreateLease',
    States: {
      CreateLease: act(targets, 'LEASE', 'Asks for the lease, if it has not been asked for yet'),
      AwaitLease: wait(
        targets,
        'waiting',
        'Step',
        'Its lease stands in the queue or is made ready; costs nothing',
      ),
      Step: act(targets, 'STEP', 'Begins the next step, or looks at the one that runs; renews the lease'),
      AwaitStep: wait(
        targets,
        'running',
        'Step',
        'A step runs on the host; ends with it, or when the lease is to be renewed',
      ),
      Release: act(targets, 'RELEASE', 'Always: gives the lease back, which kills whatever runs'),
      AwaitRelease: wait(targets, 'releasing', 'Release', 'The host confirms that nothing of it is left'),
      Result: act(
        targets,
        'RESULT',
        'Keeps what became of it; begins the next generation, if there is to be one',
      ),
      Route: {
        Type: 'Choice',
        Choices: [
          on('AWAIT_LEASE', 'AwaitLease'),
          on('AWAIT_STEP', 'AwaitStep'),
          on('AWAIT_RELEASE', 'AwaitRelease'),
          on('LEASE', 'CreateLease'),
          on('STEP', 'Step'),
          on('RELEASE', 'Release'),
          on('RESULT', 'Result'),
          on('NOTIFY', 'Publish'),
          on('DONE', 'Done'),
        ],
        Default: 'Rest',
      },
      Rest: {
        Type: 'Wait',
        Comment: 'Something is wrong that half a minute may mend',
        Seconds: expression('30'),
        Assign: { faults: expression(`${faults} + 1`) },
        Next: 'Again',
      },
      Again: {
        Type: 'Choice',
        Choices: [{ Condition: expression(`${faults} < ${MOST_FAULTS}`), Next: 'Step' }],
        Default: 'Release',
      },
      Publish: publish(targets),
      Notify: call('notify', { partition: targets.partition, functionArn: targets.notifyArn }, input, {
        Comment: 'Tells the webhook; the build has ended long before',
        Retry: [whenBusy, whenFailed(3)],
        Catch: [
          { ErrorEquals: ['States.ALL'], Output: { route: 'AGAIN', seconds: 300 }, Next: 'NotifyRoute' },
        ],
        Next: 'NotifyRoute',
      }),
      NotifyRoute: {
        Type: 'Choice',
        Choices: [on('DONE', 'Done'), { Condition: expression(`${rests} >= ${MOST_RESTS}`), Next: 'Done' }],
        Default: 'NotifyWait',
      },
      NotifyWait: {
        Type: 'Wait',
        Comment: 'The webhook does not answer; again later, a few times',
        Seconds: expression('$states.input.seconds'),
        Assign: { rests: expression(`${rests} + 1`) },
        Next: 'Notify',
      },
      Done: { Type: 'Succeed' },
    } satisfies Record<string, State>,
  }
}

/** What cannot go on rests; what cannot go on for long is told so, and goes through Release. */
const rest = { ErrorEquals: ['States.ALL'], Next: 'Rest' }

const act = (
  { partition, buildArn }: BuildTargets,
  name: 'LEASE' | 'STEP' | 'RELEASE' | 'RESULT',
  comment: string,
): Task =>
  call(
    'drive-build',
    { partition, functionArn: buildArn },
    `$merge([${input}, {'act': '${name}', 'faulty': ${faults} >= ${MOST_FAULTS}}])`,
    {
      Comment: comment,
      Retry: [whenBusy, whenFailed(4)],
      Assign: { faults: 0 },
      Catch: [rest],
      Next: 'Route',
    },
  )

const wait = ({ partition, tableName }: BuildTargets, status: string, next: string, comment: string): Task =>
  awaitWork(
    {
      partition,
      tableName,
      prefix: 'BUILD',
      id: `${input}.buildId`,
      numbers: { generation: `${input}.generation` },
    },
    status,
    next,
    rest,
    comment,
  )

/** An event is for whoever listens; nobody here waits for it, and where it cannot be put the build goes on. */
const publish = ({ partition, busName }: BuildTargets): Task => ({
  Type: 'Task',
  Comment: 'Tells the bus; at least once',
  Resource: `arn:${partition}:states:::aws-sdk:eventbridge:putEvents`,
  Arguments: {
    Entries: [
      {
        EventBusName: busName,
        Source: BUS.build.source,
        DetailType: BUS.build.ended,
        Detail: expression('$string($states.input.event)'),
      },
    ],
  },
  TimeoutSeconds: 30,
  Retry: [whenFailed(4)],
  Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Notify' }],
  Next: 'Notify',
})
