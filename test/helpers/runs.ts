/** Whether the tests run by `npm run test:deep`. */
export const isDeep = process.env.DEEP === 'true'

/** Number of runs of a random test: many in `npm run test:deep`, a few in `npm test`. */
export const runs = (few: number, many: number): number => (isDeep ? many : few)
