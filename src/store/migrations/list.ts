import type { Kysely, Migration } from 'kysely'
import type { Database } from '../database.js'
import { up as first } from './0001-first.js'
import { up as query } from './0002-query.js'
import { up as facts } from './0003-facts.js'
import { up as edits } from './0004-edits.js'
import { up as retiredKeys } from './0005-retired-keys.js'
import { up as instance } from './0006-instance.js'
import { up as signInFailures } from './0007-sign-in-failures.js'
import { up as sources } from './0008-sources.js'
import { up as authChanges } from './0009-auth-changes.js'
import { up as rendering } from './0010-rendering.js'
import { up as words } from './0011-words.js'
import { up as salesAndDrafts } from './0012-sales-and-drafts.js'
import { up as categories } from './0013-categories.js'
import { up as unusableSince } from './0014-unusable-since.js'
import { up as categoryPositions } from './0015-category-positions.js'

/**
 * All migrations, by the names that databases store. Never change a released migration or its name. A database runs each migration once,
 * and the service refuses to start with a database that has run an unknown one.
 */
const steps: Record<string, (db: Kysely<unknown>, database: Database) => Promise<void>> = {
  '0001-first': first,
  '0002-query': query,
  '0003-facts': facts,
  '0004-edits': edits,
  '0005-retired-keys': retiredKeys,
  '0006-instance': instance,
  '0007-sign-in-failures': signInFailures,
  '0008-sources': sources,
  '0009-auth-changes': authChanges,
  '0010-rendering': rendering,
  '0011-words': words,
  '0012-sales-and-drafts': salesAndDrafts,
  '0013-categories': categories,
  '0014-unusable-since': unusableSince,
  '0015-category-positions': categoryPositions
}

/** Returns the migrations of a database, in the form that Kysely's migrator expects. */
export const migrations = (database: Database): Record<string, Migration> =>
  Object.fromEntries(Object.entries(steps).map(([name, up]) => [name, { up: (db) => up(db, database) }]))
