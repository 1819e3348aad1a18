/** How often something random is tried: often in `npm run test:deep`, and a few times in `npm test`. */
export const runs = (few: number, many: number): number => (process.env.DEEP === 'true' ? many : few)
