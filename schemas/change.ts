import { type Static, Type } from '@sinclair/typebox'
import { ProductNumber } from './product.js'
import { enumeration, ref } from './ref.js'
import { Count, DateTime, Epoch, INT32_MAX, Text } from './scalars.js'

/** Streams of events that one account may hold at a time: each is a connection that stays. */
export const STREAMS_MAX = 100

export const CHANGES_LIMIT_MAX = 1000
export const CHANGES_LIMIT_DEFAULT = 100
export const HISTORY_LIMIT_MAX = 100
export const HISTORY_LIMIT_DEFAULT = 30

const Revision = (description: string) => Type.Integer({ format: 'int32', minimum: 0, maximum: INT32_MAX, description })
const FieldName = Text('Name of a field of `Product`.', 50, { pattern: '^[a-z][A-Za-z]*$' })

export const ChangeKind = enumeration(['created', 'updated', 'deleted'], {
  $id: 'ChangeKind',
  description:
    'What became of a product, as readers see it. `created`: it appeared, for the first time or again. `updated`: it ' +
    'differs. `deleted`: it disappeared.'
})
export type ChangeKind = Static<typeof ChangeKind>

export const Change = Type.Object(
  {
    revision: Revision('Number of the change. The next change has the next number.'),
    kind: ref(ChangeKind),
    productId: ProductNumber,
    fields: Type.Array(FieldName, {
      description: 'The fields that differ since. Empty where the product appeared or disappeared.',
      maxItems: 50
    }),
    at: DateTime('When it was made.')
  },
  {
    $id: 'Change',
    examples: [
      { revision: 201, kind: 'updated', productId: 1, fields: ['price', 'stock'], at: '2026-11-24T08:30:00.000Z' }
    ],
    description: 'One change of one product.'
  }
)
export type Change = Static<typeof Change>

export const ChangePage = Type.Object(
  {
    changes: Type.Array(ref(Change), { description: 'The changes, oldest first.', maxItems: CHANGES_LIMIT_MAX }),
    revision: Revision('The newest change that is accounted for: send it as `after` next time.'),
    epoch: Epoch('The epoch of the catalog. Send it as `epoch` next time.')
  },
  {
    $id: 'ChangePage',
    examples: [
      {
        changes: [
          { revision: 201, kind: 'updated', productId: 1, fields: ['price', 'stock'], at: '2026-11-24T08:30:00.000Z' }
        ],
        revision: 201,
        epoch: '5lkZ3Qxm'
      }
    ],
    description: 'Changes of the catalog, in their order and without gaps.'
  }
)
export type ChangePage = Static<typeof ChangePage>

export const ChangesQuery = Type.Object(
  {
    after: Type.Optional(
      Type.Integer({
        ...Revision('The newest change that you know: those after it are answered. Without it, all that are kept.'),
        examples: [0]
      })
    ),
    epoch: Type.Optional(
      Epoch(
        'The epoch that `after` belongs to. If the database was restored from a backup since, the catalog has another one, and ' +
          'the response is 410.'
      )
    ),
    limit: Type.Optional(
      Type.Integer({
        format: 'int32',
        minimum: 1,
        maximum: CHANGES_LIMIT_MAX,
        default: CHANGES_LIMIT_DEFAULT,
        description: 'The most changes to answer with. It is not for streams.'
      })
    )
  },
  { additionalProperties: false }
)
export type ChangesQuery = Static<typeof ChangesQuery>

export const FieldChange = Type.Object(
  {
    field: FieldName,
    before: Type.Optional(Type.Unknown({ description: 'Its value before. Absent where it had none.' })),
    after: Type.Optional(Type.Unknown({ description: 'Its value since. Absent where it has none.' }))
  },
  {
    $id: 'FieldChange',
    examples: [{ field: 'price', before: 12.9, after: 8.99 }],
    description: 'What became of one field.'
  }
)
export type FieldChange = Static<typeof FieldChange>

export const Author = enumeration(['sync', 'seed', 'account', 'shell'], {
  $id: 'Author',
  description:
    'Who made a change. `sync`: the source brought it. `seed`: it came with the sample catalog. `account`: someone who had ' +
    'signed in. `shell`: someone at the machine of the service.'
})
export type Author = Static<typeof Author>

const entryExample = {
  revision: 201,
  kind: 'updated',
  at: '2026-11-24T08:30:00.000Z',
  by: 'account',
  account: 'ada',
  changes: [{ field: 'price', before: 12.9, after: 8.99 }]
}

export const HistoryEntry = Type.Object(
  {
    revision: Revision('Number of the change.'),
    kind: ref(ChangeKind),
    at: DateTime('When it was made.'),
    by: ref(Author),
    account: Type.Optional(Text('Name of the account that made it, where it was an account.', 64)),
    changes: Type.Array(ref(FieldChange), {
      description: 'What became of each field. Empty where the product appeared or disappeared.',
      maxItems: 50
    })
  },
  { $id: 'HistoryEntry', examples: [entryExample], description: 'One change of a product, and who made it.' }
)
export type HistoryEntry = Static<typeof HistoryEntry>

export const History = Type.Object(
  {
    history: Type.Array(ref(HistoryEntry), { description: 'The changes, newest first.', maxItems: HISTORY_LIMIT_MAX }),
    next: Type.Optional(
      Revision('Leads to the changes before these: send it as `before`. Absent where there are none.')
    )
  },
  {
    $id: 'History',
    examples: [{ history: [entryExample], next: 201 }],
    description: 'What became of a product, as far back as changes are kept.'
  }
)
export type History = Static<typeof History>

export const HistoryQuery = Type.Object(
  {
    before: Type.Optional(Count('Only changes before this one: the `next` of the answer before.', 1)),
    limit: Type.Optional(
      Type.Integer({
        format: 'int32',
        minimum: 1,
        maximum: HISTORY_LIMIT_MAX,
        default: HISTORY_LIMIT_DEFAULT,
        description: 'The most changes to answer with.'
      })
    )
  },
  { additionalProperties: false }
)
export type HistoryQuery = Static<typeof HistoryQuery>
