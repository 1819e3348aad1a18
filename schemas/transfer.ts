import { type Static, Type } from '@sinclair/typebox'
import { ProductQuery } from './listing.js'
import { enumeration, ref } from './ref.js'
import { Count, File, INT32_MAX, Text } from './scalars.js'

export const NDJSON = 'application/x-ndjson'
export const CSV = 'text/csv'
export const RSS = 'application/rss+xml'
export const TSV = 'text/tab-separated-values'
export const OCTETS = 'application/octet-stream'

/** An example of an import. The first import creates the product; the next ones update it. */
const fileExample =
  '{"sku":"MUG-002","title":"Espresso Cup","category":"kitchen-accessories","price":8.5,"thumbnail":"https://images.example/cup.webp"}\n'

/** The body of an import. */
export const ImportFile = File(
  'NDJSON with one product per line, or CSV (RFC 4180) with a header and one product per row. The columns are those of an export; ' +
    'a file may leave out columns.',
  { examples: [fileExample] }
)

/** Maximum size of a file, in bytes. */
export const IMPORT_MAX = 200_000_000
/** Maximum number of rejected rows in a report. */
export const REFUSALS_MAX = 1000

const { facets: _, limit: __, ids, ...filters } = ProductQuery.properties

export const ExportQuery = Type.Object(
  {
    ...filters,
    ids: Type.Optional(
      Type.Array(ids.items, {
        ...ids,
        description:
          'Product ID. Repeat the parameter to get several products, ' +
          `at most ${ids.maxItems}. The file lists them in the order of the parameters unless the request has \`sort\` or \`q\`. IDs of products that do not exist ` +
          'are ignored.'
      })
    ),
    limit: Type.Optional(
      Type.Integer({
        format: 'int32',
        minimum: 1,
        maximum: INT32_MAX,
        default: INT32_MAX,
        description: 'Maximum number of products in the file. By default, the file contains all matching products.',
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
    'Handling of rejected rows. `all-or-nothing` (default): if any row is rejected, nothing is written. ' +
    '`each`: all valid rows are written.',
  examples: ['all-or-nothing']
})
export type ImportMode = Static<typeof ImportMode>

export const ImportQuery = Type.Object(
  {
    mode: Type.Optional(ref(ImportMode)),
    dryRun: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Whether to only validate the file. The response is the same, but nothing is written.',
        examples: [true]
      })
    ),
    force: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Whether to overwrite changes that were made after the export of the file. The service then does not compare versions, and ignores the read-only fields of rows that update a product.',
        examples: [false]
      })
    )
  },
  { additionalProperties: false }
)
export type ImportQuery = Static<typeof ImportQuery>

export const RefusedRow = Type.Object(
  {
    line: Count('Line on which the row starts. The first line is 1.', 1),
    field: Type.Optional(Text('Name of the invalid field. Absent if the error concerns the whole row.', 100)),
    reason: Text('Reason for the rejection.', 1000)
  },
  {
    $id: 'RefusedRow',
    examples: [{ line: 3, field: 'price', reason: 'must be a number' }],
    description: 'A rejected row with the reason.'
  }
)
export type RefusedRow = Static<typeof RefusedRow>

export const ImportReport = Type.Object(
  {
    mode: ref(ImportMode),
    dryRun: Type.Boolean({ description: 'Whether the request was a dry run, which writes nothing.' }),
    rows: Count('Number of rows in the file.'),
    created: Count('Number of created products.'),
    updated: Count('Number of updated products.'),
    unchanged: Count('Number of rows without a change.'),
    refused: Count('Number of rejected rows.'),
    refusals: Type.Array(ref(RefusedRow), {
      description: 'Rejected rows in the order of the file, at most 1,000.',
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
        refusals: [{ line: 4, field: 'price', reason: 'must be a number' }]
      }
    ],
    description: 'Result of an import. After a dry run or a failed import, the counts say what would have been written.'
  }
)
export type ImportReport = Static<typeof ImportReport>
