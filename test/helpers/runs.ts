/** Whether the tests run by `npm run test:deep`. */
export const isDeep = process.env.DEEP === 'true'

/** Number of runs of a random test: many in `npm run test:deep`, a few in `npm test`. */
export const runs = (few: number, many: number): number => (isDeep ? many : few)

/** Returns all cases of an expensive test in `npm run test:deep`, and every `step`-th one in `npm test`. */
export const sample = <T>(cases: readonly T[], step: number): T[] => cases.filter((_, i) => isDeep || i % step === 0)
