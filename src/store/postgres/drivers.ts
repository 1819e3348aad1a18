import { PostgresDriver } from 'kysely'
import type { Pool } from 'pg'
import { UnreachableError } from '../errors.js'
import type { ChangeListener } from './change-listener.js'

type Connection = Parameters<PostgresDriver['releaseConnection']>[0]

/** Takes connections from the pool. Fails at once while the server is unreachable, instead of waiting for the connection timeout. */
export class PoolDriver extends PostgresDriver {
  protected readonly listener: ChangeListener

  constructor(pool: Pool, listener: ChangeListener) {
    super({ pool })
    this.listener = listener
  }

  override async acquireConnection(): ReturnType<PostgresDriver['acquireConnection']> {
    if (this.listener.isUnreachable) throw new UnreachableError()
    return await super.acquireConnection()
  }

  /** Does nothing: the other driver uses the same pool. */
  override async destroy(): Promise<void> {}

  override async rollbackTransaction(connection: Connection): Promise<void> {
    try {
      await super.rollbackTransaction(connection)
    } catch {
      // The connection is lost, so the server rolls back. Kysely then reports the error that caused the rollback.
    }
  }
}

/** Counts each write of this process at once, because the server's notification arrives later. */
export class WriteDriver extends PoolDriver {
  override async releaseConnection(connection: Connection): Promise<void> {
    await super.releaseConnection(connection)
    this.listener.increment()
  }
}
