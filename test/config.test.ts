import { pathToFileURL } from 'node:url'
import t from 'tap'
import { Environment } from '../schemas/config.js'
import { ConfigError, findMisspelledVariables, readConfig } from '../src/config.js'

t.test('an empty environment gives the defaults', async (t) => {
  t.strictSame(readConfig({}), {
    host: '127.0.0.1',
    port: 5000,
    logLevel: 'info',
    databaseUrl: 'file:var/catalog.db',
    sourceUrl: 'https://dummyjson.com',
    sourceKind: 'auto',
    sourceAuth: undefined,
    sourceMapping: undefined,
    currency: undefined,
    syncInterval: 60,
    syncMaxLoss: 0.3,
    syncGrace: 86_400,
    sourceTimeout: 30,
    sourceMaxBytes: 4_000_000_000,
    adminUsername: 'admin',
    adminPassword: undefined,
    tokenTtl: 3600,
    rateLimit: 600,
    changeRetention: 90,
    cacheSize: 64_000_000,
    trustProxy: [],
    corsOrigins: [],
    sampleCatalog: true,
    production: false
  })
})

t.test('variables are parsed, lists are split, and empty variables count as not set', async (t) => {
  const config = readConfig({
    PORT: '8080',
    HOST: '',
    SOURCE_URL: 'https://shop.example/api/',
    TRUST_PROXY: '10.0.0.0/8, ::1,fd00::/8',
    CORS_ORIGINS: 'https://shop.example, http://localhost:3000',
    SAMPLE_CATALOG: 'false',
    PATH: '/usr/bin'
  })

  t.equal(config.port, 8080)
  t.equal(config.host, '127.0.0.1')
  t.equal(config.sourceUrl, 'https://shop.example/api')
  t.strictSame(config.trustProxy, ['10.0.0.0/8', '::1', 'fd00::/8'])
  t.strictSame(config.corsOrigins, ['https://shop.example', 'http://localhost:3000'])
  t.equal(config.sampleCatalog, false)
})

t.test('one line end at the end of any variable does not count', async (t) => {
  const settings = {
    HOST: '0.0.0.0',
    PORT: '8080',
    LOG_LEVEL: 'warn',
    DATABASE_URL: 'postgres://db/catalog',
    SOURCE_URL: 'https://shop.example',
    SOURCE_CURRENCY: 'EUR',
    SYNC_INTERVAL: '5',
    SYNC_MAX_LOSS: '5',
    SYNC_GRACE: '5',
    SOURCE_TIMEOUT: '5',
    SOURCE_KIND: 'csv',
    SOURCE_MAPPING: '/etc/catalog/mapping.json',
    SOURCE_AUTH: 'Bearer secret',
    SOURCE_MAX_BYTES: '5',
    ADMIN_USERNAME: 'ada',
    ADMIN_PASSWORD: ' a password\tfor tests ',
    TOKEN_TTL: '5',
    RATE_LIMIT: '5',
    CHANGE_RETENTION: '5',
    CACHE_SIZE: '5',
    TRUST_PROXY: '10.0.0.0/8',
    CORS_ORIGINS: 'https://shop.example',
    SAMPLE_CATALOG: 'true',
    NODE_ENV: 'production'
  }
  t.strictSame(Object.keys(settings).sort(), Object.keys(Environment.properties).sort())
  const expected = readConfig(settings)
  t.equal(expected.adminPassword, settings.ADMIN_PASSWORD, 'spaces count')
  for (const end of ['\n', '\r\n']) {
    const given = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, `${value}${end}`]))
    t.strictSame(readConfig(given), expected)
    const empty = Object.fromEntries(Object.keys(settings).map((name) => [name, end]))
    t.strictSame(readConfig(empty), readConfig({}), 'a line end alone counts as not set')
  }
  t.equal(readConfig({ ADMIN_PASSWORD: 'a password\n\n' }).adminPassword, 'a password\n', 'only one line end')
  t.equal(readConfig({ ADMIN_PASSWORD: 'a password\r' }).adminPassword, 'a password\r')
})

t.test('a variable that is not UTF-8 is rejected', async (t) => {
  // Node.js replaces invalid bytes with U+FFFD.
  for (const name of ['ADMIN_PASSWORD', 'DATABASE_URL', 'SOURCE_URL']) {
    t.throws(() => readConfig({ [name]: 'file:pass\uFFFDword' }), new RegExp(`${name} must be UTF-8`))
  }
  t.doesNotThrow(() => readConfig({ OTHER: '\uFFFD' }))
})

t.test('in production, the sample is off unless it is configured', async (t) => {
  t.equal(readConfig({ NODE_ENV: 'production' }).sampleCatalog, false)
  t.equal(readConfig({ NODE_ENV: 'production', SAMPLE_CATALOG: 'true' }).sampleCatalog, true)
  t.equal(readConfig({ NODE_ENV: 'production' }).production, true)
})

t.test('one error names every invalid variable', async (t) => {
  const invalid = {
    PORT: '65536',
    LOG_LEVEL: 'loud',
    DATABASE_URL: 'mysql://user:hunter2@db/catalog',
    SOURCE_URL: 'ftp://user:hunter3@source.example',
    SOURCE_CURRENCY: 'EUE',
    SYNC_INTERVAL: 'often',
    ADMIN_USERNAME: 'no spaces',
    SOURCE_AUTH: 'hunter5',
    ADMIN_PASSWORD: 'hunter4',
    TOKEN_TTL: '0',
    RATE_LIMIT: '-1',
    TRUST_PROXY: '10.0.0.0/33',
    CORS_ORIGINS: '*',
    SAMPLE_CATALOG: 'perhaps'
  }

  t.throws(() => readConfig(invalid), ConfigError)
  try {
    readConfig(invalid)
  } catch (error) {
    const { message } = error as Error
    for (const name of Object.keys(invalid)) t.match(message, name)
    t.match(message, 'LOG_LEVEL must be one of fatal, error')
    t.match(message, 'SOURCE_CURRENCY must be a currency of ISO 4217, such as EUR (got "EUE")')
    t.match(message, 'PORT must be at most 65535 (got 65536)', 'the invalid value')
    t.notMatch(message, /hunter/, 'no value that may contain a secret')
  }
})

t.test('a mapping is required for the kinds that use it, and rejected for the others', async (t) => {
  const mapping = { SOURCE_MAPPING: 'mapping.json' }
  for (const SOURCE_KIND of ['json', 'ndjson', 'csv']) {
    t.equal(readConfig({ SOURCE_KIND, ...mapping }).sourceMapping, 'mapping.json')
    t.throws(() => readConfig({ SOURCE_KIND }), /SOURCE_MAPPING is missing: SOURCE_KIND=(nd)?(json|csv) needs a file/)
  }
  for (const kind of [{}, { SOURCE_KIND: 'auto' }, { SOURCE_KIND: 'shopify' }])
    t.throws(
      () => readConfig({ ...kind, ...mapping }),
      /SOURCE_MAPPING has no effect: leave it out, or set SOURCE_KIND to json, ndjson, csv/
    )
})

t.test('addresses, URLs, file names and numbers are validated', async (t) => {
  for (const value of ['proxy.example', '10.0.0.0/8/8', '10.0.0.0/x', '0.0.0.0/0', '::1/129', '10.0.0']) {
    t.throws(() => readConfig({ TRUST_PROXY: value }), /TRUST_PROXY/, value)
  }
  for (const value of [
    'https://name:secret@source.example',
    'https://source.example/#secret',
    'https://',
    'file://host/secret'
  ]) {
    t.throws(() => readConfig({ SOURCE_URL: value }), /^(?!.*secret).*SOURCE_URL/s, value)
  }
  for (const value of ['None', 'nothing', 'ftp://source.example', 'source.example']) {
    t.throws(
      () => readConfig({ SOURCE_URL: value }),
      /SOURCE_URL must be an http or https URL .* or the word none\./,
      value
    )
  }
  for (const kind of ['shopify', 'woocommerce'])
    t.throws(
      () => readConfig({ SOURCE_URL: 'file:a.json', SOURCE_KIND: kind }),
      new RegExp(`because SOURCE_KIND is ${kind}`)
    )
  t.match(readConfig({ SOURCE_URL: 'none' }), { sourceUrl: undefined, sampleCatalog: false })
  for (const [given, url] of [
    ['https://source.example/', 'https://source.example'],
    ['https://source.example/api//', 'https://source.example/api'],
    ['https://source.example/feed.xml?key=a', 'https://source.example/feed.xml?key=a'],
    ['file:///srv/my%20feed.xml', 'file:///srv/my%20feed.xml'],
    ['file:/srv/feed.xml', 'file:///srv/feed.xml'],
    ['file:var/my feed.xml', pathToFileURL('var/my feed.xml').href]
  ])
    t.equal(readConfig({ SOURCE_URL: given }).sourceUrl, url, String(given))
  for (const value of ['file:', 'file::memory:', 'file://host/catalog.db', 'catalog.db']) {
    t.throws(() => readConfig({ DATABASE_URL: value }), /DATABASE_URL/, value)
  }
  for (const value of [
    'postgres://ada:hunter2@db:port/catalog',
    'postgres://ada:hunter2@db:99999/catalog',
    'postgres://ada:hunter2#@db/catalog',
    'postgres://ada:hunter2@[::1/catalog',
    'postgresql://ada:hunter2@db/catalog%',
    'file:///var/hunter2%/catalog.db',
    'file:///var/hunter2%2Fcatalog.db'
  ]) {
    t.throws(
      () => readConfig({ DATABASE_URL: value }),
      { name: 'ConfigError', message: /^(?!.*hunter2).*DATABASE_URL/s },
      value
    )
  }
  for (const value of [
    'postgres://db/catalog',
    'postgres://ada:hunter2%23%25@[::1]:5432/catalog?sslmode=disable',
    'postgres://db/catalog?sslrootcert=/no/such/file'
  ]) {
    t.equal(readConfig({ DATABASE_URL: value }).databaseUrl, value)
  }
  t.equal(readConfig({ DATABASE_URL: 'file:///var/catalog.db' }).databaseUrl, 'file:///var/catalog.db')
  for (const value of ['0x1388', '5e3', '+5000', ' 5000', '5000.0']) {
    t.throws(() => readConfig({ PORT: value }), /PORT must be an integer/, value)
  }
  for (const value of ['https://shop.example/', 'shop.example', 'file:///tmp', 'https://']) {
    t.throws(() => readConfig({ CORS_ORIGINS: value }), /CORS_ORIGINS/, value)
  }
})

t.test('a variable with a name similar to a setting is reported', async (t) => {
  for (const [name, setting] of [
    ['RATE_LIMT', 'RATE_LIMIT'],
    ['RATE_LIMITS', 'RATE_LIMIT'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['CORS_ORIGIN', 'CORS_ORIGINS'],
    ['ADMIN_USER_NAME', 'ADMIN_USERNAME'],
    ['ADMIN_PASWORT', 'ADMIN_PASSWORD'],
    ['SYCN_INTREVAL', 'SYNC_INTERVAL'],
    ['TOKEN_TLT', 'TOKEN_TTL'],
    ['NODE_EVN', 'NODE_ENV'],
    ['PROT', 'PORT'],
    ['HOTS', 'HOST']
  ] as const) {
    t.strictSame(findMisspelledVariables({ PATH: '/bin', [name]: 'hunter2' }), [
      `The environment variable ${name} is unknown. Did you mean ${setting}?`
    ])
    t.strictSame(findMisspelledVariables({ [name]: '' }), [], 'an empty variable counts as not set')
  }
})

t.test('settings and variables of other programs are not reported as misspelled', async (t) => {
  const others = {
    settings: Object.keys(Environment.properties),
    shell: `_ BASH COLORTERM COLUMNS DISPLAY EDITOR EUID GROUPS HOME HOSTNAME HOSTTYPE IFS LANG LANGUAGE LC_ALL LC_CTYPE LESS
      LINES LOGNAME LS_COLORS MACHTYPE MAIL MANPATH OLDPWD OPTARG OSTYPE PAGER PATH PPID PS1 PWD SHELL SHELLOPTS SHLVL
      SSH_AUTH_SOCK SSH_CLIENT SSH_CONNECTION SSH_TTY TEMP TERM TERM_PROGRAM TMP TMPDIR TZ UID USER USERNAME USERPROFILE VISUAL
      XDG_CACHE_HOME XDG_DATA_DIRS XDG_RUNTIME_DIR XDG_SESSION_ID http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY
      ALL_PROXY FTP_PROXY SUDO_USER SUDO_COMMAND INVOCATION_ID JOURNAL_STREAM NOTIFY_SOCKET LISTEN_FDS CREDENTIALS_DIRECTORY`,
    node: `NODE NODE_OPTIONS NODE_PATH NODE_VERSION NODE_DEBUG NODE_EXTRA_CA_CERTS NODE_NO_WARNINGS NODE_V8_COVERAGE NODE_NAME
      NODE_IP NODE_PORT NODE_HOME NODE_CHANNEL_FD YARN_VERSION NVM_DIR NVM_BIN INIT_CWD COLOR EDITOR npm_command npm_execpath
      npm_lifecycle_event npm_lifecycle_script npm_node_execpath npm_package_json npm_package_name npm_package_version
      npm_config_cache npm_config_global_prefix npm_config_loglevel npm_config_noproxy npm_config_user_agent UV_THREADPOOL_SIZE`,
    docker: `DOCKER_HOST DOCKER_TLS_VERIFY DOCKER_CERT_PATH COMPOSE_PROJECT_NAME COMPOSE_FILE container PORTS PORT0 PORT_0 HOSTS
      POSTGRES_USER POSTGRES_PASSWORD POSTGRES_DB PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE PGSSLMODE DB_HOST DB_PORT
      DATABASE_HOST DATABASE_PORT DATABASE_NAME DATABASE_USER DATABASE_PASSWORD REDIS_URL CACHE_URL CACHE_FILE CACHE_DIR CACHE_TIME
      CACHE_TTL TOKEN_URL ADMIN_EMAIL SERVICE_URL LOG_FILE LOG_FORMAT SECRET_KEY`,
    kubernetes: `KUBERNETES_PORT KUBERNETES_PORT_443_TCP KUBERNETES_PORT_443_TCP_ADDR KUBERNETES_PORT_443_TCP_PORT
      KUBERNETES_PORT_443_TCP_PROTO KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT KUBERNETES_SERVICE_PORT_HTTPS
      CATALOG_PORT CATALOG_PORT_5000_TCP CATALOG_PORT_5000_TCP_ADDR CATALOG_PORT_5000_TCP_PORT CATALOG_PORT_5000_TCP_PROTO
      CATALOG_SERVICE_HOST CATALOG_SERVICE_PORT CATALOG_SERVICE_PORT_HTTP ADMIN_PORT ADMIN_SERVICE_HOST CACHE_PORT CACHE_SERVICE_HOST
      DATABASE_SERVICE_HOST DATABASE_SERVICE_PORT SOURCE_PORT SOURCE_SERVICE_HOST TOKEN_PORT TOKEN_SERVICE_HOST SYNC_PORT POD_NAME
      POD_IP POD_NAMESPACE HOST_IP`,
    actions: `CI GITHUB_ACTION GITHUB_ACTIONS GITHUB_ACTOR GITHUB_API_URL GITHUB_BASE_REF GITHUB_ENV GITHUB_EVENT_NAME
      GITHUB_EVENT_PATH GITHUB_GRAPHQL_URL GITHUB_HEAD_REF GITHUB_JOB GITHUB_OUTPUT GITHUB_PATH GITHUB_REF GITHUB_REF_NAME
      GITHUB_REPOSITORY GITHUB_RUN_ATTEMPT GITHUB_RUN_ID GITHUB_SERVER_URL GITHUB_SHA GITHUB_STEP_SUMMARY GITHUB_TOKEN
      GITHUB_WORKFLOW GITHUB_WORKSPACE RUNNER_ARCH RUNNER_DEBUG RUNNER_NAME RUNNER_OS RUNNER_TEMP RUNNER_TOOL_CACHE
      ACTIONS_CACHE_URL ACTIONS_RUNTIME_TOKEN ACTIONS_RUNTIME_URL AGENT_TOOLSDIRECTORY DEPLOYMENT_BASEPATH ImageOS ImageVersion
      JAVA_HOME GOROOT_1_22_X64 PIPX_HOME SWIFT_PATH VCPKG_INSTALLATION_ROOT`
  }
  for (const [program, names] of Object.entries(others)) {
    const env = Object.fromEntries(
      [names]
        .flat()
        .join(' ')
        .split(/\s+/)
        .map((name) => [name, 'x'])
    )
    t.strictSame(findMisspelledVariables(env), [], program)
  }
})
