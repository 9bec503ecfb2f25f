import { call, expression, on, whenBusy, whenFailed } from './asl.ts'
import type { Definition, Task } from './asl.ts'

export interface LeaseTargets {
  readonly partition: string
  readonly tableName: string
  readonly decideArn: string
  readonly activateArn: string
  readonly destroyArn: string
  readonly finalizeArn: string
}

/** The input is the lease id and nothing else, so it stays readable from every state of the execution. */
const leaseId = '$states.context.Execution.Input.leaseId'

/**
 * One execution per lease, named by its id: where it stands is what the graph shows. The machine executes and never
 * decides; whatever goes wrong leads back to Decide, which reads the table and repairs.
 */
export function leaseMachine(targets: LeaseTargets): Definition {
  const { partition } = targets
  return {
    Comment: 'The life of one lease. The table decides; this executes.',
    QueryLanguage: 'JSONata',
    StartAt: 'Decide',
    States: {
      Decide: call(
        'decide',
        { partition, functionArn: targets.decideArn },
        `$merge([{'leaseId': ${leaseId}}, $exists($visits) ? {'visits': $visits} : {}])`,
        {
          Comment: 'Reads the lease, repairs what is due and says where to go',
          Retry: [whenBusy, whenFailed(4)],
          Assign: { visits: expression('$states.result.Payload.visits') },
          Next: 'Route',
        },
      ),
      Route: {
        Type: 'Choice',
        Comment: 'Functions and machine are deployed one after the other: a route not known yet is a pause',
        Choices: [
          on('WAIT', 'AwaitSlot'),
          on('ACTIVATE', 'Activate'),
          on('YIELD', 'YieldWait'),
          on('HOLD', 'Hold'),
          on('KEEP', 'Keep'),
          on('DESTROY', 'Destroy'),
          on('DONE', 'Done'),
        ],
        Default: 'Pause',
      },
      AwaitSlot: wait(targets, 'pending', 'Activate', 'Waits its turn in the queue; costs nothing'),
      Activate: call('activate', { partition, functionArn: targets.activateArn }, `{'leaseId': ${leaseId}}`, {
        Comment: 'Opens the slot and checks out the working copy, in short calls',
        Retry: [whenBusy],
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Decide' }],
        Next: 'ActivateRoute',
      }),
      ActivateRoute: {
        Type: 'Choice',
        Choices: [on('HOLD', 'Hold'), on('YIELD', 'YieldWait'), on('DESTROY', 'Destroy'), on('DONE', 'Done')],
        Default: 'Decide',
      },
      YieldWait: {
        Type: 'Wait',
        Comment: 'Not yet: the host is at work, or the git server is away',
        Seconds: expression('$states.input.seconds'),
        Next: 'Activate',
      },
      Hold: {
        ...wait(targets, 'active', 'Decide', 'In use; renewals are heartbeats, so a silent holder ends this'),
        // A heartbeat that is not below the timeout would end the whole execution.
        HeartbeatSeconds: expression(
          '$min([$states.input.heartbeatSeconds, $states.input.timeoutSeconds - 1])',
        ),
      },
      Keep: wait(
        targets,
        'kept',
        'Decide',
        'Failed and kept for a look; ends by its holder, an operator or time',
      ),
      Destroy: call('destroy', { partition, functionArn: targets.destroyArn }, `{'leaseId': ${leaseId}}`, {
        Comment: 'Kills and tidies what is left on the slot; after three tries the slot is given up as dirty',
        Retry: [whenBusy, whenFailed(3)],
        Catch: [{ ErrorEquals: ['States.ALL'], Output: { confirmed: false }, Next: 'Finalize' }],
        Next: 'DestroyRoute',
      }),
      DestroyRoute: {
        Type: 'Choice',
        Choices: [on('DECIDE', 'Decide')],
        Default: 'Finalize',
      },
      Finalize: call(
        'finalize',
        { partition, functionArn: targets.finalizeArn },
        `{'leaseId': ${leaseId}, 'confirmed': $states.input.confirmed}`,
        {
          Comment: 'Hands the slot to the next waiter, frees it or marks it dirty',
          Retry: [whenBusy, whenFailed(4)],
          Next: 'FinalizeRoute',
        },
      ),
      FinalizeRoute: { Type: 'Choice', Choices: [on('DONE', 'Done')], Default: 'Decide' },
      Pause: {
        Type: 'Wait',
        Comment: 'Many visits without a change: no fault becomes a hot loop',
        Seconds: expression('$exists($states.input.seconds) ? $states.input.seconds : 30'),
        Next: 'Decide',
      },
      Done: { Type: 'Succeed' },
    },
  }
}

/**
 * Waits without a Lambda: stores the token by which others awaken it, if the lease still has this status. Anything that
 * goes wrong, the deadline included, is for Decide.
 */
function wait(targets: LeaseTargets, status: string, next: string, comment: string): Task {
  return {
    Type: 'Task',
    Comment: comment,
    Resource: `arn:${targets.partition}:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken`,
    Arguments: {
      TableName: targets.tableName,
      Key: { PK: { S: expression(`'L#' & ${leaseId}`) }, SK: { S: 'META' } },
      UpdateExpression: 'SET taskToken = :token',
      ConditionExpression: '#status = :status',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':token': { S: expression('$states.context.Task.Token') },
        ':status': { S: status },
      },
    },
    TimeoutSeconds: expression('$states.input.timeoutSeconds'),
    Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Decide' }],
    Next: next,
  }
}
