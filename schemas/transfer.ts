import { type Static, Type } from '@sinclair/typebox'
import { ProductQuery } from './listing.js'
import { enumeration, ref } from './ref.js'
import { Count, File, INT32_MAX, Text } from './scalars.js'

export const NDJSON = 'application/x-ndjson'
export const CSV = 'text/csv'
export const OCTETS = 'application/octet-stream'

/** An example of an import. It creates a product; if it is imported again, it updates that product. */
const fileExample =
  '{"sku":"MUG-002","title":"Espresso Cup","category":"kitchen-accessories","price":8.5,"thumbnail":"https://images.example/cup.webp"}\n'

/** The body of an import. */
export const ImportFile = File(
  'One product on each line, as JSON; or CSV (RFC 4180): a header with any of the columns that exports have, and one product on ' +
    'each line.',
  { examples: [fileExample] }
)

/** The most bytes that a file may have. */
export const IMPORT_MAX = 200_000_000
/** The most refused rows that a report lists. */
export const REFUSALS_MAX = 1000

const { facets: _, limit: __, ids, ...found } = ProductQuery.properties

export const ExportQuery = Type.Object(
  {
    ...found,
    ids: Type.Optional(
      Type.Array(ids.items, {
        ...ids,
        description:
          'Only these products, in this order unless `sort` or `q` says otherwise; those that do not exist are left out. Repeat it for ' +
          `each, up to ${ids.maxItems} times.`
      })
    ),
    limit: Type.Optional(
      Type.Integer({
        format: 'int32',
        minimum: 1,
        maximum: INT32_MAX,
        default: INT32_MAX,
        description: 'The most products to answer with. Without it, all.',
        examples: [10]
      })
    )
  },
  { additionalProperties: false }
)
export type ExportQuery = Static<typeof ExportQuery>

export const ImportMode = enumeration(['all-or-nothing', 'each'], {
  $id: 'ImportMode',
  description:
    'What refused rows mean for the others. `all-or-nothing`, where nothing is said: nothing is written if any row is refused. ' +
    '`each`: the other rows are written.',
  examples: ['all-or-nothing']
})
export type ImportMode = Static<typeof ImportMode>

export const ImportQuery = Type.Object(
  {
    mode: Type.Optional(ref(ImportMode)),
    dryRun: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Whether to check the file only: the response is the same, and nothing is written.',
        examples: [true]
      })
    )
  },
  { additionalProperties: false }
)
export type ImportQuery = Static<typeof ImportQuery>

export const RefusedRow = Type.Object(
  {
    line: Count('The line on which the row begins, from 1.', 1),
    field: Type.Optional(Text('The field that is at fault. Absent where it is the row as a whole.', 100)),
    reason: Text('What is wrong with it.', 1000)
  },
  {
    $id: 'RefusedRow',
    examples: [{ line: 3, field: 'price', reason: 'must be number' }],
    description: 'A row that was refused, and why.'
  }
)
export type RefusedRow = Static<typeof RefusedRow>

export const ImportReport = Type.Object(
  {
    mode: ref(ImportMode),
    dryRun: Type.Boolean({ description: 'Whether nothing was to be written.' }),
    rows: Count('Rows of the file.'),
    created: Count('Products that were made.'),
    updated: Count('Products that were changed.'),
    unchanged: Count('Rows that say what is there already.'),
    refused: Count('Rows that were refused.'),
    refusals: Type.Array(ref(RefusedRow), {
      description: 'The rows that were refused, by their lines: the first thousand.',
      maxItems: REFUSALS_MAX
    })
  },
  {
    $id: 'ImportReport',
    examples: [
      {
        mode: 'each',
        dryRun: false,
        rows: 3,
        created: 1,
        updated: 1,
        unchanged: 0,
        refused: 1,
        refusals: [{ line: 4, field: 'price', reason: 'must be number' }]
      }
    ],
    description: 'What an import did, or would have done where nothing was written.'
  }
)
export type ImportReport = Static<typeof ImportReport>
