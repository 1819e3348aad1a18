import { type Static, Type } from '@sinclair/typebox'
import { enumeration, ref } from './ref.js'
import { Count, DateTime, Epoch, SLASH, Text } from './scalars.js'

export const CatalogState = enumeration(['empty', 'sample', 'fresh', 'stale'], {
  $id: 'CatalogState',
  description:
    'How the catalog stands to its source. `empty`: there is none yet. `sample`: the catalog that ships with the service, ' +
    'until the source first answers. `fresh`: the source was read successfully not long ago, or there is none (`SOURCE_URL=none`). ' +
    '`stale`: that is longer ago than allowed, or it was never read, and there is only what was made here.'
})
export type CatalogState = Static<typeof CatalogState>

const statusExample = {
  state: 'fresh',
  lastSync: '2026-11-24T08:30:00.000Z',
  products: 200,
  quarantined: 0,
  revision: 201,
  epoch: '5lkZ3Qxm'
}
const linksExample = { docs: '/docs', openapi: '/docs/json', openapiYaml: '/docs/yaml' }

export const CatalogStatus = Type.Object(
  {
    state: ref(CatalogState),
    lastSync: Type.Optional(DateTime('When the source was last read successfully. Absent until then.')),
    reason: Type.Optional(
      Text(
        'Why the newest sync failed: `timeout`, `refused` (no connection, or a broken one), `http-503` and the like, `invalid` ' +
          '(no catalog), `all-quarantined` (none of its products can be used), `too-large`, or `shrunk` (it would take away too much of the catalog). Absent after a success.',
        20
      )
    ),
    products: Count('How many products there are.'),
    quarantined: Count('How many products the source sent that were refused. The log says which, and why.'),
    revision: Count('Number of the newest change. It grows with every change and never repeats within an epoch.'),
    epoch: Epoch(
      'Changes when the database is restored from a backup. Revisions of different epochs cannot be compared.'
    )
  },
  { $id: 'CatalogStatus', examples: [statusExample], description: 'The state of the catalog.' }
)
export type CatalogStatus = Static<typeof CatalogStatus>

const PATH = { pattern: `^${SLASH}` }

export const ServiceLinks = Type.Object(
  {
    docs: Text('The documentation, for people.', 200, PATH),
    openapi: Text('The OpenAPI document, as JSON.', 200, PATH),
    openapiYaml: Text('The OpenAPI document, as YAML.', 200, PATH)
  },
  { $id: 'ServiceLinks', examples: [linksExample], description: 'Where to read on, as paths of this service.' }
)

export const ServiceInfo = Type.Object(
  {
    name: Text('Name of the service.', 100),
    version: Text('Its version.', 50),
    links: ref(ServiceLinks),
    catalog: ref(CatalogStatus)
  },
  {
    $id: 'ServiceInfo',
    examples: [{ name: 'product-catalog', version: '0.2.0', links: linksExample, catalog: statusExample }],
    description: 'What this service is, and how its catalog stands.'
  }
)
export type ServiceInfo = Static<typeof ServiceInfo>

export const Health = enumeration(['ok', 'degraded', 'failed'], {
  $id: 'Health',
  description: '`ok`: as it should be. `degraded`: it works, with less than it should have. `failed`: it does not work.'
})

export const Check = Type.Object(
  {
    name: Text('What was checked: `database`, `catalog`, or `service` when that is stopping.', 50),
    status: ref(Health),
    detail: Type.Optional(Text('Why it is not ok.', 500))
  },
  {
    $id: 'Check',
    examples: [{ name: 'catalog', status: 'ok' }],
    description: 'One thing that the service needs, and whether it has it.'
  }
)
export type Check = Static<typeof Check>

export const Liveness = Type.Object(
  { status: ref(Health) },
  { $id: 'Liveness', examples: [{ status: 'ok' }], description: 'The process runs and answers.' }
)

export const Readiness = Type.Object(
  {
    status: ref(Health),
    checks: Type.Array(ref(Check), { description: 'Each thing that was checked.', maxItems: 10 })
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
    description: 'The service can answer requests.'
  }
)
export type Readiness = Static<typeof Readiness>
