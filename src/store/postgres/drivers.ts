import { PostgresDriver } from 'kysely'
import type { Pool } from 'pg'
import { UnreachableError } from '../errors.js'
import type { ChangeListener } from './change-listener.js'

type Connection = Parameters<PostgresDriver['releaseConnection']>[0]

/** Takes connections from the pool. While the server is unreachable it fails at once: each attempt would wait for its timeout. */
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
      // The connection is lost, and the transaction with it. The error to report is the one that led to the rollback.
    }
  }
}

/** Counts each write of this process at once: the notification of the server arrives a little later. */
export class WriteDriver extends PoolDriver {
  override async releaseConnection(connection: Connection): Promise<void> {
    await super.releaseConnection(connection)
    this.listener.increment()
  }
}
