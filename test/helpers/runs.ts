/** Whether this is `npm run test:deep`. */
export const isDeep = process.env.DEEP === 'true'

/** How much is tried: much in `npm run test:deep`, and little in `npm test`. */
export const runs = (few: number, many: number): number => (isDeep ? many : few)
