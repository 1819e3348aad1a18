import { type Static, Type } from '@sinclair/typebox'
import { enumeration, ref } from './ref.js'
import { Count, DateTime, Epoch, Text } from './scalars.js'

export const CatalogState = enumeration(['empty', 'sample', 'fresh', 'stale'], {
  $id: 'CatalogState',
  description:
    'State of the catalog. `empty`: there is no catalog yet. `sample`: the service serves its built-in sample until the first ' +
    'successful sync. `fresh`: the last successful sync was at most three sync intervals ago, or the service has no source ' +
    '(`SOURCE_URL=none`). `stale`: the last successful sync was longer ago, or no sync has succeeded yet and the catalog has only local products or those of an incomplete sync.'
})
export type CatalogState = Static<typeof CatalogState>

export const statusExample = {
  state: 'fresh',
  lastSync: '2026-11-24T08:30:00.000Z',
  products: 200,
  quarantined: 0,
  revision: 201,
  epoch: '5lkZ3Qxm'
}
const linksExample = { docs: 'docs/', openapi: 'docs/json', openapiYaml: 'docs/yaml' }

export const CatalogStatus = Type.Object(
  {
    state: ref(CatalogState),
    lastSync: Type.Optional(DateTime('Time of the last successful sync. Absent before the first one.')),
    reason: Type.Optional(
      Text(
        'Reason why the last sync failed: `timeout`, `refused` (the connection failed), `http-503` or another HTTP status, `invalid` ' +
          '(the response was not a catalog), `all-quarantined` (no product was usable), `too-large` (the source sent too much data), `shrunk` (the sync would ' +
          'have removed too many products), or `incomplete` (the source did not send all products, so the sync has removed none). Absent after a successful sync.',
        20
      )
    ),
    products: Count('Number of products.'),
    quarantined: Count(
      'Number of source products in quarantine: their records have no usable ID, title or price. `GET /sync` gives the reasons, and says how long the service keeps the last usable versions.'
    ),
    revision: Count('Revision of the newest change. It increases with each change and never repeats within an epoch.'),
    epoch: Epoch(
      'Identifies the revision sequence. It changes when the database is restored from a backup. Do not compare revisions of different epochs.'
    )
  },
  { $id: 'CatalogStatus', examples: [statusExample], description: 'State of the catalog.' }
)
export type CatalogStatus = Static<typeof CatalogStatus>

/** Maximum number of catalogs that a catalog reads, directly or through others. */
export const SOURCES_MAX = 100

const REFERENCE = { format: 'uri-reference' }

export const ServiceLinks = Type.Object(
  {
    docs: Text('Documentation page.', 200, REFERENCE),
    openapi: Text('OpenAPI document as JSON.', 200, REFERENCE),
    openapiYaml: Text('OpenAPI document as YAML.', 200, REFERENCE)
  },
  {
    $id: 'ServiceLinks',
    examples: [linksExample],
    description: 'Links to the documentation, relative to the URL of this response (RFC 3986).'
  }
)

export const ServiceInfo = Type.Object(
  {
    name: Text('Name of the service.', 100),
    version: Text('Version of the service.', 50),
    links: ref(ServiceLinks),
    catalog: ref(CatalogStatus),
    sources: Type.Optional(
      Type.Array(Epoch('Epoch of a catalog.'), {
        description:
          'Epochs of the catalogs that this catalog reads, directly or through others. Absent if its source is not another instance of this ' +
          'service. Instances use them to notice that they read each other.',
        maxItems: SOURCES_MAX
      })
    )
  },
  {
    $id: 'ServiceInfo',
    examples: [{ name: 'product-catalog', version: '0.2.0', links: linksExample, catalog: statusExample }],
    description: 'Information about the service and the state of its catalog.'
  }
)
export type ServiceInfo = Static<typeof ServiceInfo>

export const Health = enumeration(['ok', 'degraded', 'failed'], {
  $id: 'Health',
  description:
    'Result of a check. `ok`: it passed. `degraded`: the service works with limitations. `failed`: the service cannot handle requests.'
})

export const Check = Type.Object(
  {
    name: Text('Name of the check: `database`, `catalog`, or `service` if the service is shutting down.', 50),
    status: ref(Health),
    detail: Type.Optional(Text('Reason why the status is not `ok`.', 500))
  },
  {
    $id: 'Check',
    examples: [{ name: 'catalog', status: 'ok' }],
    description: 'Result of one readiness check.'
  }
)
export type Check = Static<typeof Check>

export const Liveness = Type.Object(
  { status: ref(Health) },
  { $id: 'Liveness', examples: [{ status: 'ok' }], description: 'Liveness of the process.' }
)

export const Readiness = Type.Object(
  {
    status: ref(Health),
    checks: Type.Array(ref(Check), { description: 'Results of all checks.', maxItems: 10 })
  },
  {
    $id: 'Readiness',
    examples: [
      {
        status: 'ok',
        checks: [
          { name: 'database', status: 'ok' },
          { name: 'catalog', status: 'ok' }
        ]
      }
    ],
    description: 'Readiness of the service.'
  }
)
export type Readiness = Static<typeof Readiness>
