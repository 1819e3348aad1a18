import { type Static, Type } from '@sinclair/typebox'
import { PASSWORD_MAX, PASSWORD_MIN, USERNAME_MAX, USERNAME_PATTERN } from './auth.js'

/** The longest that a token can be valid: 30 days, in seconds. */
export const TOKEN_TTL_MAX = 2_592_000

/**
 * The environment variables that are read. Lists are separated by commas. `npm run reference` generates the reference page from this.
 * `writeOnly` marks values that are or may hold secrets: no message repeats them.
 * `NODE_ENV=production` changes two of them: `ADMIN_PASSWORD` must be set at the first start, and there is no sample.
 */
export const Environment = Type.Object({
  HOST: Type.String({
    default: '127.0.0.1',
    description: 'Address to listen on. `0.0.0.0` is every address of the machine.'
  }),
  PORT: Type.Integer({
    default: 5000,
    minimum: 0,
    maximum: 65535,
    description: 'Port to listen on. `0` picks a free one.'
  }),
  LOG_LEVEL: Type.Unsafe<'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'>({
    type: 'string',
    enum: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    default: 'info',
    description:
      'Least severe level to log: `fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`. `debug` logs every request.'
  }),
  DATABASE_URL: Type.String({
    default: 'file:var/catalog.db',
    pattern: '^(file:(//(?=/))?(?!//|:memory:).|postgres(ql)?://.)',
    writeOnly: true,
    description:
      'Where the data is kept: `file:` and the path of a SQLite file, made when it is missing, or `postgres://` and a database on a PostgreSQL server.'
  }),
  SOURCE_URL: Type.String({
    default: 'https://dummyjson.com',
    writeOnly: true,
    description:
      'The product source: an address under which `/products` answers as DummyJSON does. Edits belong to the source: another one ' +
      'starts without them. `none`: the catalog is what is written here.'
  }),
  SYNC_INTERVAL: Type.Integer({
    default: 60,
    minimum: 1,
    maximum: 86_400,
    description: 'Seconds from the end of one sync with the source to the start of the next.'
  }),
  SYNC_MAX_LOSS: Type.Integer({
    default: 30,
    minimum: 0,
    maximum: 100,
    description:
      'Percent of a catalog of 20 products or more that one sync may take away. One that would take more is refused, until an admin accepts it.'
  }),
  SOURCE_TIMEOUT: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 600,
    description: 'Seconds that the source may take for one page of products.'
  }),
  ADMIN_USERNAME: Type.String({
    default: 'admin',
    pattern: USERNAME_PATTERN,
    maxLength: USERNAME_MAX,
    description: 'The account that is made at the first start, when there is none.'
  }),
  ADMIN_PASSWORD: Type.Optional(
    Type.String({
      minLength: PASSWORD_MIN,
      maxLength: PASSWORD_MAX,
      description: `Its password, at least ${PASSWORD_MIN} characters. Read only while there is no account: later, use \`catalog accounts password\`. Not set: one is made, and shown once on the terminal or, without a terminal, written to a file; with \`NODE_ENV=production\` the start is refused.`,
      writeOnly: true
    })
  ),
  TOKEN_TTL: Type.Integer({
    default: 3600,
    minimum: 1,
    maximum: TOKEN_TTL_MAX,
    description: 'Seconds that a token is valid.'
  }),
  RATE_LIMIT: Type.Integer({
    default: 600,
    minimum: 1,
    maximum: 2_147_483_647,
    description: 'Requests that one address, and one account, may send in a minute.'
  }),
  CHANGE_RETENTION: Type.Integer({
    default: 90,
    minimum: 1,
    maximum: 36_500,
    description:
      'Days that changes are kept, counted back from the newest one, for followers and for the history of products.'
  }),
  CACHE_SIZE: Type.Integer({
    default: 64,
    minimum: 1,
    maximum: 65_536,
    description: 'Megabytes of finished answers to keep in memory.'
  }),
  TRUST_PROXY: Type.Optional(
    Type.String({
      description:
        'Addresses or networks of proxies whose `X-Forwarded-*` headers are believed, separated by commas. None by default.'
    })
  ),
  CORS_ORIGINS: Type.Optional(
    Type.String({
      description:
        'Origins whose pages may call the service from a browser, such as `https://shop.example`, separated by commas. None by default.'
    })
  ),
  SAMPLE_CATALOG: Type.Optional(
    Type.Boolean({
      description:
        'Whether to serve the sample catalog until the source first answers. `true`, but `false` with `NODE_ENV=production`.'
    })
  ),
  NODE_ENV: Type.Optional(
    Type.String({ description: '`production` changes two defaults: see `ADMIN_PASSWORD` and `SAMPLE_CATALOG`.' })
  )
})
export type Environment = Static<typeof Environment>
