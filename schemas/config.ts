import { type Static, Type } from '@sinclair/typebox'
import { PASSWORD_MAX, PASSWORD_MIN, USERNAME_MAX, USERNAME_PATTERN } from './auth.js'
import { CURRENCY_PATTERN } from './product.js'

/** Maximum lifetime of a token: 30 days, in seconds. */
export const TOKEN_TTL_MAX = 2_592_000

/** Kinds of sources that need `SOURCE_MAPPING`. */
export const MAPPED_KINDS = ['json', 'ndjson', 'csv'] as const
type MappedKind = (typeof MAPPED_KINDS)[number]

/**
 * Environment variables of the service. Lists are separated by commas. `npm run reference` generates the configuration page
 * from these schemas. `writeOnly` marks values that may contain secrets, so no message repeats them.
 * `NODE_ENV=production` requires `ADMIN_PASSWORD` on the first start and turns the sample off.
 */
export const Environment = Type.Object({
  HOST: Type.String({
    default: '127.0.0.1',
    description: 'Address to listen on. `0.0.0.0` listens on all interfaces.'
  }),
  PORT: Type.Integer({
    default: 5000,
    minimum: 0,
    maximum: 65535,
    description: 'Port to listen on. `0` picks a free port.'
  }),
  LOG_LEVEL: Type.Unsafe<'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'>({
    type: 'string',
    enum: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    default: 'info',
    description:
      'Minimum log level: `fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`. `debug` logs each request.'
  }),
  DATABASE_URL: Type.String({
    default: 'file:var/catalog.db',
    pattern: '^(file:(//(?=/))?(?!//|:memory:).|postgres(ql)?://.)',
    writeOnly: true,
    description:
      'Database: `file:` with the path of a SQLite file, or a `postgres://` URL. The service creates a missing SQLite file.'
  }),
  SOURCE_URL: Type.String({
    default: 'https://dummyjson.com',
    writeOnly: true,
    description:
      'URL of the product source: `http` or `https`, or `file:` with the path of a file. `SOURCE_KIND` says how the service reads ' +
      'it. Edits belong to one source and do not apply to the products of another one. `none` turns syncing off; the catalog then holds only ' +
      'local products.'
  }),
  SOURCE_KIND: Type.Unsafe<'auto' | 'dummyjson' | 'google' | 'shopify' | 'woocommerce' | 'catalog' | MappedKind>({
    type: 'string',
    enum: ['auto', 'dummyjson', 'google', 'shopify', 'woocommerce', 'catalog', ...MAPPED_KINDS],
    default: 'auto',
    description:
      'Kind of the source: `dummyjson` (the API of DummyJSON), `google` (a merchant feed for Google, Meta and others: RSS, Atom, TSV or CSV), ' +
      '`shopify` (the public `/products.json` of a Shopify shop or of one of its collections), `woocommerce` (the Store API of a ' +
      'WooCommerce shop or, with keys, version 3 of its REST API), `catalog` (another instance of this service), or `json`, `ndjson` or ' +
      '`csv` with a file in `SOURCE_MAPPING`. `auto` recognizes `dummyjson`, `google`, `shopify` and `woocommerce` by `SOURCE_URL` or by the ' +
      'start of the response. It treats a URL without a path as `dummyjson`, so a WooCommerce shop needs `woocommerce` unless ' +
      '`SOURCE_URL` is a product list of its API.'
  }),
  SOURCE_MAPPING: Type.Optional(
    Type.String({
      description:
        'Path of a JSON file that says where the source has its products and their fields. Required for `json`, `ndjson` and `csv`. If it is ' +
        'set with any other kind, the service does not start. See [Map a source](../how-to/map-a-source.md).'
    })
  ),
  SOURCE_AUTH: Type.Optional(
    Type.String({
      writeOnly: true,
      description:
        'Credentials for the source, sent with each request: `Bearer TOKEN`, `Basic USER:PASSWORD`, or any other header as `HEADER: VALUE`. ' +
        'With `SOURCE_KIND=catalog`, the service signs in with `USER` and `PASSWORD`, and sends the token that it gets. ' +
        'The service never logs the credentials.'
    })
  ),
  SOURCE_CURRENCY: Type.Optional(
    Type.String({
      pattern: CURRENCY_PATTERN,
      description:
        'Currency of the prices (ISO 4217), such as `EUR`. Products with prices in another currency are in quarantine. Defaults to the currency that most products ' +
        'of the source have, and to `USD` if the source names no currency, as with DummyJSON, Shopify shops and the REST API of WooCommerce.'
    })
  ),
  SYNC_INTERVAL: Type.Integer({
    default: 60,
    minimum: 1,
    maximum: 86_400,
    description: 'Seconds between the end of a sync and the start of the next one.'
  }),
  SYNC_MAX_LOSS: Type.Integer({
    default: 30,
    minimum: 0,
    maximum: 100,
    description:
      "Maximum percentage of the source's products that one sync may remove. A sync that would remove more fails until an admin " +
      'accepts the loss. The first sync with a new `SOURCE_URL`, and sources with fewer than 20 products, have no limit.'
  }),
  SYNC_GRACE: Type.Integer({
    default: 86_400,
    minimum: 0,
    maximum: 31_536_000,
    description:
      'Seconds for which the service keeps the last usable version of a product that the source still sends, but without a usable title or ' +
      'price. The product is in quarantine, and disappears after this time.'
  }),
  SOURCE_TIMEOUT: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 600,
    description:
      'Seconds to wait for a response from the source, and then for each further part of its data. A request also times out if the source sends less ' +
      'than 10 kB per second for longer than this.'
  }),
  SOURCE_MAX_BYTES: Type.Integer({
    default: 4_000_000_000,
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'Maximum size of all data that one sync reads from the source, in bytes, after decompression.'
  }),
  ADMIN_USERNAME: Type.String({
    default: 'admin',
    pattern: USERNAME_PATTERN,
    maxLength: USERNAME_MAX,
    description: 'Username of the account that the service creates on the first start.'
  }),
  ADMIN_PASSWORD: Type.Optional(
    Type.String({
      minLength: PASSWORD_MIN,
      maxLength: PASSWORD_MAX,
      description:
        'Password of the account `ADMIN_USERNAME`. The service reads it only if no account exists; to change the password later, use ' +
        '`catalog accounts password`. If it is not set, the service generates a password. It shows the password once in the terminal ' +
        'or, without a terminal, writes it to a file. With `NODE_ENV=production`, the first start fails instead.',
      writeOnly: true
    })
  ),
  TOKEN_TTL: Type.Integer({
    default: 3600,
    minimum: 1,
    maximum: TOKEN_TTL_MAX,
    description: 'Lifetime of a token, in seconds.'
  }),
  RATE_LIMIT: Type.Integer({
    default: 600,
    minimum: 1,
    maximum: 2_147_483_647,
    description: 'Maximum number of requests per minute, for each client address and for each account.'
  }),
  CHANGE_RETENTION: Type.Integer({
    default: 90,
    minimum: 1,
    maximum: 36_500,
    description:
      'Days to keep changes for the change feed and the product history, counted back from the newest change.'
  }),
  CACHE_SIZE: Type.Integer({
    default: 64,
    minimum: 1,
    maximum: 65_536,
    description: 'Size of the response cache in memory, in megabytes.'
  }),
  TRUST_PROXY: Type.Optional(
    Type.String({
      description:
        'Addresses or networks of trusted reverse proxies, separated by commas. The service uses `X-Forwarded-*` headers only from these. None by default.'
    })
  ),
  CORS_ORIGINS: Type.Optional(
    Type.String({
      description:
        'Origins whose pages may call the service from a browser, such as `https://shop.example`. Separate several origins with commas. None by default.'
    })
  ),
  SAMPLE_CATALOG: Type.Optional(
    Type.Boolean({
      description:
        'Whether to serve the sample catalog until the first successful sync. Defaults to `true`, or to `false` with `NODE_ENV=production`.'
    })
  ),
  NODE_ENV: Type.Optional(
    Type.String({
      description:
        '`production` requires `ADMIN_PASSWORD` on the first start and changes the default of `SAMPLE_CATALOG` to `false`.'
    })
  )
})
export type Environment = Static<typeof Environment>
