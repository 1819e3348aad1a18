import t from 'tap'
import { ConfigError, readConfig } from '../src/config.js'

t.test('an empty environment gives the defaults', async (t) => {
  t.strictSame(readConfig({}), {
    host: '127.0.0.1',
    port: 5000,
    logLevel: 'info',
    databaseUrl: 'file:var/catalog.db',
    sourceUrl: 'https://dummyjson.com',
    syncInterval: 60,
    syncMaxLoss: 0.3,
    sourceTimeout: 30,
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

t.test('variables are read, lists taken apart, and empty ones count as not set', async (t) => {
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

t.test('in production there is no sample, unless it is asked for', async (t) => {
  t.equal(readConfig({ NODE_ENV: 'production' }).sampleCatalog, false)
  t.equal(readConfig({ NODE_ENV: 'production', SAMPLE_CATALOG: 'true' }).sampleCatalog, true)
  t.equal(readConfig({ NODE_ENV: 'production' }).production, true)
})

t.test('one error names every bad variable', async (t) => {
  const bad = {
    PORT: '65536',
    LOG_LEVEL: 'loud',
    DATABASE_URL: 'mysql://user:hunter2@db/catalog',
    SOURCE_URL: 'ftp://user:hunter3@source.example',
    SYNC_INTERVAL: 'often',
    ADMIN_USERNAME: 'no spaces',
    ADMIN_PASSWORD: 'hunter4',
    TOKEN_TTL: '0',
    RATE_LIMIT: '-1',
    TRUST_PROXY: '10.0.0.0/33',
    CORS_ORIGINS: '*',
    SAMPLE_CATALOG: 'perhaps'
  }

  t.throws(() => readConfig(bad), ConfigError)
  try {
    readConfig(bad)
  } catch (error) {
    const { message } = error as Error
    for (const name of Object.keys(bad)) t.match(message, name)
    t.match(message, 'LOG_LEVEL must be equal to one of the allowed values: fatal, error')
    t.match(message, '(it is "65536")', 'with the value that is wrong')
    t.notMatch(message, /hunter/, 'but never one that is or may hold a secret')
  }
})

t.test('addresses, numbers and names of files are what they are said to be', async (t) => {
  for (const value of ['proxy.example', '10.0.0.0/8/8', '10.0.0.0/x', '0.0.0.0/0', '::1/129', '10.0.0']) {
    t.throws(() => readConfig({ TRUST_PROXY: value }), /TRUST_PROXY/, value)
  }
  for (const value of ['https://name:secret@source.example', 'https://source.example/?key=secret', 'https://']) {
    t.throws(() => readConfig({ SOURCE_URL: value }), /^(?!.*secret).*SOURCE_URL/s, value)
  }
  for (const value of ['file:', 'file::memory:', 'file://host/catalog.db', 'catalog.db']) {
    t.throws(() => readConfig({ DATABASE_URL: value }), /DATABASE_URL/, value)
  }
  t.equal(readConfig({ DATABASE_URL: 'file:///var/catalog.db' }).databaseUrl, 'file:///var/catalog.db')
  for (const value of ['0x1388', '5e3', '+5000', ' 5000', '5000.0']) {
    t.throws(() => readConfig({ PORT: value }), /PORT must be integer/, value)
  }
  for (const value of ['https://shop.example/', 'shop.example', 'file:///tmp', 'https://']) {
    t.throws(() => readConfig({ CORS_ORIGINS: value }), /CORS_ORIGINS/, value)
  }
})
