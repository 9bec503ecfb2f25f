import type { BlueprintState } from '../../../contract/blueprint.ts'
import { fields } from './plain.ts'

export const describeBlueprint = ({ name, enabled, disabled }: BlueprintState): string =>
  fields({
    blueprint: name,
    enabled: enabled ? 'yes' : 'no',
    reason: disabled?.reason,
    by: disabled?.by,
    since: disabled?.at,
  })
