import { call, expression, on, whenBusy, whenFailed } from './asl.ts'
import type { Definition, Task } from './asl.ts'
import { awaitWork } from './await-work.ts'

export interface LandingTargets {
  readonly partition: string
  readonly tableName: string
  readonly landArn: string
  readonly landAtHostArn: string
}

/** The input is the landing's id and nothing else. */
const landingId = '$states.context.Execution.Input.landingId'

/**
 * One execution per landing, named by its id. As with leases the table decides: every state leads back to Decide, which
 * brings the landing on and says what is waited for, or what a host shall do.
 */
export function landingMachine(targets: LandingTargets): Definition {
  const { partition } = targets
  const host = (comment: string) =>
    call('land-at-host', { partition, functionArn: targets.landAtHostArn }, `{'landingId': ${landingId}}`, {
      Comment: comment,
      Retry: [whenBusy, whenFailed(3)],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Rest' }],
      Next: 'HostRoute',
    })
  return {
    Comment: 'The way of one change onto a branch. The table decides; this executes.',
    QueryLanguage: 'JSONata',
    StartAt: 'Decide',
    States: {
      Decide: call('land', { partition, functionArn: targets.landArn }, `{'landingId': ${landingId}}`, {
        Comment: 'Brings the landing on as far as it goes without a host, and says where to go',
        Retry: [whenBusy, whenFailed(4)],
        // It goes on for as long as it takes: one that ended would have to be found and started again.
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Rest' }],
        Next: 'Route',
      }),
      Route: {
        Type: 'Choice',
        Choices: [
          on('TURN', 'AwaitTurn'),
          on('LEASE', 'AwaitLease'),
          on('MERGE', 'Merge'),
          on('STEP', 'AwaitStep'),
          on('PUSH', 'Push'),
          on('PAUSE', 'Pause'),
          on('DONE', 'Done'),
        ],
        Default: 'Rest',
      },
      AwaitTurn: wait(targets, 'queued', "Waits for its branch's turn; costs nothing"),
      AwaitLease: wait(targets, 'leasing', 'Its working copy is being made ready'),
      Merge: host("Makes the commit on the branch's head"),
      AwaitStep: wait(targets, 'verifying', 'A step runs in a working copy of the commit'),
      Push: host('Gives the recorded commit to the remote, without force'),
      HostRoute: { Type: 'Choice', Choices: [on('YIELD', 'Pause')], Default: 'Decide' },
      Pause: {
        Type: 'Wait',
        Comment: 'Not yet: the host is at work, the git server is away, or no permit is free',
        Seconds: expression('$states.input.seconds'),
        Next: 'Decide',
      },
      Rest: {
        Type: 'Wait',
        Comment: 'Something failed: no fault becomes a hot loop',
        Seconds: expression('15'),
        Next: 'Decide',
      },
      Done: { Type: 'Succeed' },
    },
  }
}

/** The time that is up and word that came meanwhile are for Decide; whatever else goes wrong rests first. */
const wait = ({ partition, tableName }: LandingTargets, status: string, comment: string): Task =>
  awaitWork(
    { partition, tableName, prefix: 'LAND', id: landingId, numbers: {} },
    status,
    'Decide',
    { ErrorEquals: ['States.ALL'], Next: 'Rest' },
    comment,
  )
