import { type Static, Type } from '@sinclair/typebox'
import { EventId } from './headers.js'
import { ProductNumber } from './product.js'
import { enumeration, ref } from './ref.js'
import { Count, DateTime, Epoch, INT32_MAX, Text } from './scalars.js'

/** Maximum number of concurrent event streams per account. Each one holds a connection open. */
export const STREAMS_MAX = 100

export const CHANGES_LIMIT_MAX = 1000
export const CHANGES_LIMIT_DEFAULT = 100
export const HISTORY_LIMIT_MAX = 100
export const HISTORY_LIMIT_DEFAULT = 30

const Revision = (description: string) => Type.Integer({ format: 'int32', minimum: 0, maximum: INT32_MAX, description })
export const FieldName = Text('Name of a `Product` field.', 50, { pattern: '^[a-z][A-Za-z]*$' })

export const ChangeKind = enumeration(['created', 'updated', 'deleted'], {
  $id: 'ChangeKind',
  description:
    'Kind of change. `created`: the product became visible to readers, for the first time or again. `updated`: fields of the ' +
    'product changed. `deleted`: the product is no longer visible to readers, because it was deleted, hidden or archived, became a draft, or the source no ' +
    'longer has it.'
})
export type ChangeKind = Static<typeof ChangeKind>

export const Change = Type.Object(
  {
    revision: Revision(
      'Revision of the change. Revisions increase, but not always by one: the feed leaves out changes to categories, and changes that readers do not see, such as edits of drafts.'
    ),
    kind: ref(ChangeKind),
    productId: ProductNumber,
    fields: Type.Array(FieldName, {
      description: 'Names of the changed fields. Empty unless `kind` is `updated`.',
      maxItems: 50
    }),
    at: DateTime('Time of the change.')
  },
  {
    $id: 'Change',
    examples: [
      { revision: 201, kind: 'updated', productId: 1, fields: ['price', 'stock'], at: '2026-11-24T08:30:00.000Z' }
    ],
    description: 'A change to one product.'
  }
)
export type Change = Static<typeof Change>

export const ChangePage = Type.Object(
  {
    changes: Type.Array(ref(Change), { description: 'Changes, oldest first.', maxItems: CHANGES_LIMIT_MAX }),
    revision: Revision('Last revision that this page covers. Send it as `after` in the next request.'),
    epoch: Epoch('Epoch of the catalog. Send it as `epoch` in the next request.')
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
    description: 'Changes to the products that readers see, in order and complete.'
  }
)
export type ChangePage = Static<typeof ChangePage>

export const ChangesQuery = Type.Object(
  {
    after: Type.Optional(
      Type.Integer({
        ...Revision('Return only changes after this revision. By default, all changes that the service still keeps.'),
        examples: [0]
      })
    ),
    epoch: Type.Optional(
      Epoch(
        'Epoch that `after` belongs to. A restore of the database from a backup changes the epoch of the catalog. If the two ' +
          'epochs differ, the response is 410.'
      )
    ),
    limit: Type.Optional(
      Type.Integer({
        format: 'int32',
        minimum: 1,
        maximum: CHANGES_LIMIT_MAX,
        default: CHANGES_LIMIT_DEFAULT,
        description: 'Maximum number of changes in the response. Streams ignore it.'
      })
    ),
    lastEventId: EventId(
      'For streams: the same as the header `Last-Event-ID`, for clients that cannot send it, such as most polyfills of `EventSource`. ' +
        'It takes precedence over `after` and `epoch`.'
    )
  },
  { additionalProperties: false }
)
export type ChangesQuery = Static<typeof ChangesQuery>

export const FieldChange = Type.Object(
  {
    field: FieldName,
    before: Type.Optional(Type.Unknown({ description: 'Value before the change. Absent if the field had no value.' })),
    after: Type.Optional(
      Type.Unknown({ description: 'Value after the change. Absent if the field no longer has a value.' })
    )
  },
  {
    $id: 'FieldChange',
    examples: [{ field: 'price', before: 12.9, after: 8.99 }],
    description: 'A change to one field.'
  }
)
export type FieldChange = Static<typeof FieldChange>

export const Author = enumeration(['sync', 'seed', 'account', 'shell', 'schedule'], {
  $id: 'Author',
  description:
    'Author of a change. `sync`: a sync with the source. `seed`: the sample catalog. `account`: a signed-in user. `shell`: a command on the server, an upgrade that normalized stored text, or a new `SOURCE_CURRENCY` without a source. `schedule`: a sale that started or ended.'
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
    revision: Revision('Revision of the change.'),
    kind: ref(ChangeKind),
    at: DateTime('Time of the change.'),
    by: ref(Author),
    account: Type.Optional(Text('Account that made the change. Present only if `by` is `account`.', 64)),
    changes: Type.Array(ref(FieldChange), {
      description: 'Changed fields with their values. Empty if the product was created or removed as a whole.',
      maxItems: 50
    })
  },
  { $id: 'HistoryEntry', examples: [entryExample], description: 'A change to a product, with its author.' }
)
export type HistoryEntry = Static<typeof HistoryEntry>

export const History = Type.Object(
  {
    history: Type.Array(ref(HistoryEntry), { description: 'Changes, newest first.', maxItems: HISTORY_LIMIT_MAX }),
    next: Type.Optional(Revision('Revision to send as `before` to get the next page. Absent on the last page.'))
  },
  {
    $id: 'History',
    examples: [{ history: [entryExample], next: 201 }],
    description: 'Changes to a product, as far back as the service keeps them.'
  }
)
export type History = Static<typeof History>

export const HistoryQuery = Type.Object(
  {
    before: Type.Optional(Count('Return only changes before this revision. Use `next` from the previous page.', 1)),
    limit: Type.Optional(
      Type.Integer({
        format: 'int32',
        minimum: 1,
        maximum: HISTORY_LIMIT_MAX,
        default: HISTORY_LIMIT_DEFAULT,
        description: 'Maximum number of changes in the response.'
      })
    )
  },
  { additionalProperties: false }
)
export type HistoryQuery = Static<typeof HistoryQuery>
