import { type Static, Type } from '@sinclair/typebox'
import { ChangeKind, FieldName } from './change.js'
import { ProductNumber } from './product.js'
import { enumeration, ref } from './ref.js'
import { Count, DateTime, Text } from './scalars.js'
import { CatalogStatus, statusExample } from './service.js'
import { EXTERNAL_ID_MAX } from './variant.js'

export const SyncInput = Type.Object(
  {
    acceptLoss: Type.Optional(
      Type.Boolean({
        description:
          'Whether the sync may remove more products than `SYNC_MAX_LOSS` allows. Use it if the source has really become smaller ' +
          'or was replaced. It also lets a new source that sends only a part of its products (`incomplete`) replace the previous one. Defaults to `false`.',
        examples: [false]
      })
    ),
    dryRun: Type.Optional(
      Type.Boolean({
        description:
          'Whether to only find out what a sync would change, and write nothing. `GET /sync` then returns the result as `dryRun`. Defaults to `false`.',
        examples: [false]
      })
    )
  },
  { $id: 'SyncInput', additionalProperties: false, description: 'Options of a sync.' }
)
export type SyncInput = Static<typeof SyncInput>

/** Reason of a failed sync: the service read the source, but can use none of its products. */
export const ALL_QUARANTINED = 'all-quarantined'

/** Maximum length of the reason for a failure. */
export const FAILURE_MAX = 1000
/** Maximum number of products in quarantine, of reasons, and of changes of each kind that a report lists. */
export const REPORTED_MAX = 100

const problem = {
  pointer: Text(
    "JSON Pointer (RFC 6901) to the field of the source's record. `*` stands for any position in a list.",
    500
  ),
  problem: Text('The rule that the value violates.', 500),
  value: Type.Optional(Text('The value that the source sent, as JSON, shortened. Absent if it is missing.', 100))
}
const product = Text('ID of the product in its source.', EXTERNAL_ID_MAX)

const fieldExample = {
  pointer: '/stock',
  problem: 'must be at least 0',
  value: '-3',
  outcome: 'repaired',
  count: 12,
  product: '7'
}
const quarantineExample = { product: '8', pointer: '/price', problem: 'must be a number', value: '"free"' }

export const FieldOutcome = enumeration(['repaired', 'dropped'], {
  $id: 'FieldOutcome',
  description:
    'Treatment of an invalid field. `repaired`: the service corrected the value. `dropped`: the service left the value out, because it cannot be used.'
})

export const SourceFieldReport = Type.Object(
  {
    ...problem,
    outcome: ref(FieldOutcome),
    count: Count('Number of fields with this problem.', 1),
    product: Type.String({ ...product, description: 'Source ID of the product that `value` comes from.' })
  },
  {
    $id: 'SourceFieldReport',
    examples: [fieldExample],
    description: 'The fields that the service repaired or dropped for the same reason.'
  }
)

export const QuarantinedProduct = Type.Object(
  {
    product: Text('ID of the product in its source, or its position if the ID is not usable.', EXTERNAL_ID_MAX),
    ...problem,
    keptUntil: Type.Optional(
      DateTime(
        'Time until which the service keeps the last usable version of the product (see `SYNC_GRACE`). Absent if it serves no version.'
      )
    )
  },
  {
    $id: 'QuarantinedProduct',
    examples: [quarantineExample],
    description: 'A product whose record in the source cannot be used, because it has no usable ID, title or price.'
  }
)

const reportExample = {
  readAt: '2026-11-24T08:30:00.000Z',
  products: 199,
  quarantined: 1,
  quarantine: [quarantineExample],
  fields: [fieldExample]
}

export const SyncReport = Type.Object(
  {
    readAt: DateTime('Time when the process finished reading the source.'),
    products: Count('Number of products that the service could use.'),
    quarantined: Count('Number of products in quarantine.'),
    quarantine: Type.Array(ref(QuarantinedProduct), {
      description: `The first products in quarantine, at most ${REPORTED_MAX}.`,
      maxItems: REPORTED_MAX
    }),
    fields: Type.Array(ref(SourceFieldReport), {
      description: `The repaired and dropped fields of the other products by reason, the most frequent first. At most ${REPORTED_MAX} reasons.`,
      maxItems: REPORTED_MAX
    })
  },
  {
    $id: 'SyncReport',
    examples: [reportExample],
    description: 'Products and fields that the service could not use unchanged when it last read the source.'
  }
)
export type SyncReport = Static<typeof SyncReport>

const plannedExample = { kind: 'updated', productId: 7, product: '7', fields: ['price', 'stock'] }

export const PlannedChange = Type.Object(
  {
    kind: ref(ChangeKind),
    productId: ProductNumber,
    product: Type.Optional(
      Text('ID of the product in its source. Absent for a product that was created in this catalog.', EXTERNAL_ID_MAX)
    ),
    fields: Type.Array(FieldName, {
      description: 'Names of the fields that would change. Empty unless `kind` is `updated`.',
      maxItems: 50
    })
  },
  {
    $id: 'PlannedChange',
    examples: [plannedExample],
    description:
      'A change that a sync would make. The products that it would create have the IDs that they would get now.'
  }
)
export type PlannedChange = Static<typeof PlannedChange>

const dryRunExample = {
  endedAt: '2026-11-24T08:31:00.000Z',
  created: 0,
  updated: 1,
  deleted: 0,
  changes: [plannedExample],
  report: reportExample
}

export const SyncDryRun = Type.Object(
  {
    endedAt: DateTime('Time when the dry run ended.'),
    failure: Type.Optional(
      Text('Reason why a sync would fail. If the source could not be read, the numbers are 0.', FAILURE_MAX)
    ),
    incomplete: Type.Optional(
      Text('Reason why the source did not send all of its products. The sync would then remove none.', FAILURE_MAX)
    ),
    created: Count('Number of products that a sync would create.'),
    updated: Count('Number of products that it would change.'),
    deleted: Count('Number of products that it would remove.'),
    changes: Type.Array(ref(PlannedChange), {
      description: `The first changes, at most ${REPORTED_MAX} of each kind.`,
      maxItems: 3 * REPORTED_MAX
    }),
    report: Type.Optional(ref(SyncReport))
  },
  {
    $id: 'SyncDryRun',
    examples: [dryRunExample],
    description: 'Changes that a sync would make. The report is absent if the source could not be read.'
  }
)
export type SyncDryRun = Static<typeof SyncDryRun>

export const SyncState = Type.Object(
  {
    catalog: ref(CatalogStatus),
    report: Type.Optional(ref(SyncReport)),
    dryRun: Type.Optional(ref(SyncDryRun))
  },
  {
    $id: 'SyncState',
    examples: [{ catalog: statusExample, report: reportExample, dryRun: dryRunExample }],
    description:
      'State of the catalog, the report about its source, and the result of the last dry run. The report is absent until the process has read the ' +
      'source, and without a source. The result is absent until a dry run has ended in this process.'
  }
)
export type SyncState = Static<typeof SyncState>
