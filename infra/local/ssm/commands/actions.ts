import { type Action, ServiceError } from '../../wire/json-service.ts'
import type { CommandFaults } from './faults.ts'
import { cut, type Invocation, limits, see, type Seen } from './invocation.ts'
import type { CommandService } from './service.ts'

/** The part of Run Command's API that is kept here, by action name. */
export function commandActions(
  service: CommandService,
  { now, faults }: { readonly now: () => number; readonly faults?: CommandFaults | undefined },
): Readonly<Record<string, Action>> {
  let looks = 0
  const find = (commandId: unknown, instanceId: unknown): Invocation | undefined =>
    service
      .invocations()
      .find((each) => each.commandId === commandId && (instanceId ?? each.instanceId) === each.instanceId)

  return {
    SendCommand(input) {
      const [instanceId, ...others] = Array.isArray(input['InstanceIds'])
        ? (input['InstanceIds'] as unknown[])
        : []
      if (typeof instanceId !== 'string' || others.length > 0) throw invalid('one InstanceId is served here')
      const timeoutSeconds = Number(input['TimeoutSeconds'] ?? 3_600)
      if (timeoutSeconds < 30 || timeoutSeconds > 2_592_000) throw invalid('TimeoutSeconds: 30 to 2592000')
      const invocation = service.send({
        documentName: String(input['DocumentName']),
        instanceId,
        parameters: (input['Parameters'] ?? {}) as Readonly<Record<string, unknown>>,
        timeoutSeconds,
      })
      return {
        Command: {
          CommandId: invocation.commandId,
          DocumentName: invocation.documentName,
          InstanceIds: [instanceId],
          RequestedDateTime: invocation.sentAt / 1_000,
          ExpiresAfter: invocation.deliverBy / 1_000,
          Status: 'Pending',
          StatusDetails: 'Pending',
          TargetCount: 1,
          TimeoutSeconds: timeoutSeconds,
        },
      }
    },

    GetCommandInvocation(input) {
      looks += 1
      const fault = faults?.onLook?.(looks)
      if (fault === 'throttled') throw new ServiceError('ThrottlingException', 'Rate exceeded')
      if (fault === 'broken') throw new ServiceError('InternalServerError', 'broken')
      const invocation = find(input['CommandId'], input['InstanceId'])
      const seen = invocation && see(invocation, now())
      if (!invocation || !seen) throw new ServiceError('InvocationDoesNotExist', '')
      return {
        ...identity(invocation),
        PluginName: invocation.stepName,
        ...outcome(seen),
        ExecutionStartDateTime: instant(invocation.deliveredAt),
        ExecutionEndDateTime: seen.exitCode === -1 ? '' : instant(invocation.end?.at),
        StandardOutputContent: seen.stdout,
        StandardOutputUrl: '',
        StandardErrorContent: seen.stderr,
        StandardErrorUrl: '',
      }
    },

    ListCommandInvocations(input) {
      const wanted = (each: Invocation) =>
        (input['CommandId'] ?? each.commandId) === each.commandId &&
        (input['InstanceId'] ?? each.instanceId) === each.instanceId
      const found = service.invocations().flatMap((invocation) => {
        const seen = see(invocation, now())
        if (!seen || !wanted(invocation)) return []
        const Output = cut(seen.stdout + seen.stderr, limits.listed)
        const plugin = { Name: invocation.stepName, ...outcome(seen), Output }
        return [
          {
            ...identity(invocation),
            RequestedDateTime: invocation.sentAt / 1_000,
            Status: seen.status,
            StatusDetails: seen.details,
            CommandPlugins: input['Details'] === true ? [plugin] : [],
          },
        ]
      })
      return { CommandInvocations: found.slice(0, 50) }
    },

    CancelCommand(input) {
      service.cancel(String(input['CommandId']))
      return {}
    },

    DescribeInstanceInformation() {
      return {
        InstanceInformationList: service.nodes.map(({ instanceId, name }) => ({
          InstanceId: instanceId,
          Name: name,
          PingStatus: service.isOnline(instanceId) ? 'Online' : 'ConnectionLost',
          PlatformType: 'Linux',
          ResourceType: instanceId.startsWith('mi-') ? 'ManagedInstance' : 'EC2Instance',
        })),
      }
    },
  }
}

const identity = ({ commandId, instanceId, documentName }: Invocation) => ({
  CommandId: commandId,
  InstanceId: instanceId,
  DocumentName: documentName,
})

const outcome = ({ status, details, exitCode }: Seen) => ({
  Status: status,
  StatusDetails: details,
  ResponseCode: exitCode,
})

const instant = (at: number | undefined): string => (at === undefined ? '' : new Date(at).toISOString())

const invalid = (message: string): ServiceError => new ServiceError('ValidationException', message)
