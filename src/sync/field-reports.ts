import { formatValue } from '../support/validation-errors.js'
import type { FieldProblem, FieldReport } from './sources/source-record.js'

/** A problem of a field in a form for logs and responses. */
export interface DescribedProblem {
  /** JSON Pointer to the field. */
  pointer: string
  problem: string
  /** The value as received, as shortened JSON. Absent if it is missing. */
  value?: string
}

/** The fields of all records that were repaired or dropped for the same reason. */
export interface FieldReportCount extends DescribedProblem {
  outcome: FieldReport['outcome']
  /** Number of fields. */
  count: number
  /** The external id of the product with the value. */
  product: string
}

/** Maximum number of reasons. Fields with other reasons are not counted. */
const REASONS_MAX = 100

/** Counts repaired and dropped fields by their reason. The items of a list share their reasons. */
export class FieldReports {
  readonly #counts = new Map<string, FieldReportCount>()

  /** Counts the fields of a product. */
  add(product: string, reports: readonly FieldReport[]): void {
    for (const report of reports) {
      const pointer = report.pointer.replace(/\/\d+(?=\/|$)/g, '/*')
      this.#count({ ...describeProblem(report), pointer, outcome: report.outcome, count: 1, product })
    }
  }

  /** Adds counts. */
  addAll(counts: readonly FieldReportCount[]): void {
    for (const count of counts) this.#count(count)
  }

  /** The counts, the most frequent reason first. */
  get counts(): FieldReportCount[] {
    return [...this.#counts.values()].sort((a, b) => b.count - a.count)
  }

  #count(more: FieldReportCount): void {
    const key = `${more.outcome} ${more.pointer} ${more.problem}`
    const known = this.#counts.get(key)
    if (known) known.count += more.count
    else if (this.#counts.size < REASONS_MAX) this.#counts.set(key, { ...more })
  }
}

/** Describes a problem, with a value of limited size. */
export const describeProblem = ({ pointer, problem, value }: FieldProblem): DescribedProblem => ({
  pointer,
  problem,
  ...(value !== undefined && { value: formatValue(value) })
})

/** Returns a problem as one sentence for the log. */
export const toSentence = ({ pointer, problem, value }: DescribedProblem): string =>
  `${pointer || 'product'} ${problem}${value === undefined ? '' : ` (got ${value})`}`
