import { type Static, Type } from '@sinclair/typebox'

export const SyncInput = Type.Object(
  {
    acceptLoss: Type.Optional(
      Type.Boolean({
        description:
          'Whether the source is believed though it takes away more of the catalog than `SYNC_MAX_LOSS` allows: where it has ' +
          'really become so much smaller, or is another one. Without it, it is not.',
        examples: [false]
      })
    )
  },
  { $id: 'SyncInput', additionalProperties: false, description: 'How to sync.' }
)
export type SyncInput = Static<typeof SyncInput>

/** Reason of a failed sync: the service read the source, but can use none of its products. */
export const ALL_QUARANTINED = 'all-quarantined'
