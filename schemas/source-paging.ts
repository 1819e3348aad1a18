import { Type } from '@sinclair/typebox'

/** A JSON Pointer (RFC 6901). The empty text points to the whole value. */
export const POINTER_PATTERN = '^(\\x2F([^~\\x2F]|~[01])*)*$'
/** A JSON Pointer to a part of a value. */
export const PART_POINTER_PATTERN = POINTER_PATTERN.replace(/\*\$$/, '+$')

export const POINTER_MAX = 1000
const PARAMETER_MAX = 100
const PAGE_SIZE_MAX = 10_000

export const strict = { additionalProperties: false }

export const pointer = (description: string) =>
  Type.String({ pattern: PART_POINTER_PATTERN, maxLength: POINTER_MAX, description })

interface PageSize {
  sizeParameter?: string
  size?: number
  total?: string
}
/** How to request all pages. */
export type Paging =
  | { type: 'none'; total?: string }
  | ({ type: 'page'; parameter?: string; first?: number } & PageSize)
  | ({ type: 'offset'; parameter?: string } & PageSize)
  | ({ type: 'link' } & PageSize)
  | ({ type: 'next'; next: string } & PageSize)

const parameter = (description: string) => Type.String({ minLength: 1, maxLength: PARAMETER_MAX, description })
const sizeParameter = Type.Optional(parameter('Query parameter with the number of records per page.'))
const size = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: PAGE_SIZE_MAX,
    description: 'Number of records per page to ask for. Needs `sizeParameter`.'
  })
)
const total = Type.Optional(
  pointer(
    'JSON Pointer, within the page, to the total number of records. The sync fails if the source sends fewer or more.'
  )
)
const type = <T extends string>(name: T, description: string) => Type.Literal(name, { description })

export const Paging = Type.Unsafe<Paging>({
  type: 'object',
  discriminator: { propertyName: 'type' },
  description: 'How to request all pages. By default, one response has all records.',
  oneOf: [
    Type.Object({ type: type('none', 'One response has all records.'), total }, strict),
    Type.Object(
      {
        type: type(
          'page',
          'Pages have numbers. An empty page is the end. Without `total`, so is a page that repeats earlier records, except the second page.'
        ),
        parameter: Type.Optional(parameter('Query parameter with the number of the page. Defaults to `page`.')),
        first: Type.Optional(
          Type.Integer({ minimum: 0, maximum: 1, description: 'Number of the first page. Defaults to 1.' })
        ),
        sizeParameter,
        size,
        total
      },
      strict
    ),
    Type.Object(
      {
        type: type('offset', 'The number of records to skip selects the page. An empty page is the end.'),
        parameter: Type.Optional(
          parameter('Query parameter with the number of records to skip. Defaults to `offset`.')
        ),
        sizeParameter,
        size,
        total
      },
      strict
    ),
    Type.Object(
      {
        type: type('link', 'The header `Link` has the URL of the next page (RFC 8288, `rel="next"`).'),
        sizeParameter,
        size,
        total
      },
      strict
    ),
    Type.Object(
      {
        type: type('next', 'The page has the URL of the next page.'),
        next: pointer('JSON Pointer to the URL of the next page. The last page has none, an empty one, or null.'),
        sizeParameter,
        size,
        total
      },
      strict
    )
  ]
})
