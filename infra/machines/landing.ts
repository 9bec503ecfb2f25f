import { call, expression, on, whenBusy, whenFailed } from './asl.ts'
import type { Definition, Task } from './asl.ts'

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
      AwaitTurn: wait(targets, "Waits for its branch's turn; costs nothing"),
      AwaitLease: wait(targets, 'Its working copy is being made ready'),
      Merge: host("Makes the commit on the branch's head"),
      AwaitStep: wait(targets, 'A step runs in a working copy of the commit'),
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

/**
 * Waits without a Lambda: stores the token by which others awaken it, if the landing was told nothing since Decide
 * looked. Anything that goes wrong, the time included, is for Decide.
 */
function wait({ partition, tableName }: LandingTargets, comment: string): Task {
  return {
    Type: 'Task',
    Comment: comment,
    Resource: `arn:${partition}:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken`,
    Arguments: {
      TableName: tableName,
      Key: { PK: { S: expression(`'LAND#' & ${landingId}`) }, SK: { S: 'META' } },
      UpdateExpression: 'SET taskToken = :token',
      ConditionExpression: 'told = :told',
      ExpressionAttributeValues: {
        ':token': { S: expression('$states.context.Task.Token') },
        ':told': { N: expression('$string($states.input.told)') },
      },
    },
    TimeoutSeconds: expression('$states.input.timeoutSeconds'),
    Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Decide' }],
    Next: 'Decide',
  }
}
