import { createHash } from 'node:crypto'
import type { MappedBatch } from './mapped-records.js'

/** Recognizes pages that repeat earlier ones. Some sources send their last page for all higher page numbers. */
export class RepeatedPages {
  readonly #isKnown: (id: string) => boolean
  #page = startPage()
  /** Digest of the previous page; undefined if a record of it has a usable id. */
  #previous: string | undefined

  /** @param isKnown Returns whether an earlier page has a record with this external id, usable or not. */
  constructor(isKnown: (id: string) => boolean) {
    this.#isKnown = isKnown
  }

  /** Starts a page. If the connection breaks, the same page starts again. */
  startPage(): void {
    this.#page = startPage()
  }

  /** Adds records of the page. */
  add({ records, rows, quarantined }: MappedBatch): void {
    const page = this.#page
    page.records += records
    for (const { externalId } of rows) if (!this.#isKnown(externalId)) page.newRecords++
    for (const { id, digest = '' } of quarantined) {
      if (id === undefined) {
        page.unidentified++
        page.digest.update(digest)
      } else if (!this.#isKnown(id)) page.newRecords++
    }
  }

  /**
   * Ends the page.
   * @returns Whether earlier pages have all its records that have an id. A page without any id counts as repeated only if it is the same as
   * the previous one: records with an id may follow it.
   */
  endPage(): boolean {
    const { records, newRecords, unidentified, digest } = this.#page
    const current = records === unidentified ? digest.digest('hex') : undefined
    const isSame = current !== undefined && current === this.#previous
    this.#previous = current
    return records > 0 && newRecords === 0 && (records > unidentified || isSame)
  }
}

const startPage = () => ({
  records: 0,
  /** Number of records with an id that no earlier page has. */
  newRecords: 0,
  /** Number of records without a usable id. */
  unidentified: 0,
  /** Hash of the records without a usable id. */
  digest: createHash('sha256')
})
