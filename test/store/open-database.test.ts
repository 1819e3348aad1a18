import { existsSync } from 'node:fs'
import t from 'tap'
import { describeDatabase, openDatabase, parseDatabaseUrl } from '../../src/store/open-database.js'
import { createFolder } from '../helpers/folder.js'

t.test('the scheme of a URL chooses the engine, and nothing is opened before the first query', async (t) => {
  const path = `${createFolder(t)}/catalog.db`
  const sqlite = openDatabase(`file:${path}`)
  const postgres = openDatabase('postgresql://192.0.2.1/shop')

  t.equal(sqlite.engine, 'sqlite')
  t.equal(postgres.engine, 'postgresql')
  t.notOk(existsSync(path))
  await sqlite.close()
  await postgres.close()
})

t.test('only a URL of a file has a path', async (t) => {
  t.equal(parseDatabaseUrl('file:/var/catalog.db'), '/var/catalog.db')
  t.equal(parseDatabaseUrl('file:///var/my%20catalog.db'), '/var/my catalog.db')
  t.equal(parseDatabaseUrl('postgresql://db.example/shop'), undefined)
  t.throws(() => parseDatabaseUrl('postgresql://db.example:port/shop'))
})

t.test('the description of a database contains no password', async (t) => {
  t.equal(describeDatabase('file:/var/catalog.db'), '/var/catalog.db')
  t.equal(describeDatabase('postgresql://ada:secret@db.example:5433/shop'), 'shop at db.example:5433')
})
