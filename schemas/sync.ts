import { type Static, Type } from '@sinclair/typebox'

export const SyncInput = Type.Object(
  {
    acceptLoss: Type.Optional(
      Type.Boolean({
        description:
          'Whether the sync may remove more products than `SYNC_MAX_LOSS` allows. Use it if the source has really become smaller ' +
          'or was replaced. Defaults to `false`.',
        examples: [false]
      })
    )
  },
  { $id: 'SyncInput', additionalProperties: false, description: 'Options of a sync.' }
)
export type SyncInput = Static<typeof SyncInput>

/** Reason of a failed sync: the service read the source, but can use none of its products. */
export const ALL_QUARANTINED = 'all-quarantined'
