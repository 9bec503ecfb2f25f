import type { BlueprintState as Stored } from '../../app/blueprints/disable-blueprint.ts'
import type { BlueprintState } from '../../contract/blueprint.ts'
import { given } from './given.ts'
import { iso } from './instant.ts'

export const presentBlueprintState = ({ name, disabled }: Stored): BlueprintState => ({
  name,
  enabled: disabled === undefined,
  ...given({
    disabled: disabled && {
      by: disabled.by,
      at: iso(disabled.at),
      ...given({ reason: disabled.reason }),
    },
  }),
})
