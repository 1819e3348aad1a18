/** Number of runs of a random test: many in `npm run test:deep`, a few in `npm test`. */
export const runs = (few: number, many: number): number => (process.env.DEEP === 'true' ? many : few)
