/* The figures of the benchmark, and their goals. */

/** The minimum or maximum of this release, and the aim of the next one. */
type Goal = { min: number; aim: number } | { max: number; aim: number }

interface Figure {
  name: string
  value: number
  unit: string
  goal?: Goal
}

const figures: Figure[] = []

/** Adds a figure. A figure that depends on the machine, such as processor time, has no goal. */
export function add(name: string, value: number, unit: string, goal?: Goal): void {
  figures.push({ name, value, unit, ...(goal && { goal }) })
  progress(`${name}: ${value.toFixed(2)} ${unit}`)
}

/**
 * Adds the cost of a response, the cost of the same bytes from plain node:http, and the ratio of the second to the first.
 * @param service Microseconds of each round.
 * @param plain Microseconds of the same rounds.
 * @param goal Goal of the ratio.
 */
export function addCosts(name: string, service: number[], plain: number[], goal: Goal): void {
  add(`${name}: cost of a response`, median(service), 'µs')
  add(`${name}: cost of the same bytes from plain node:http`, median(plain), 'µs')
  // The ratio is calculated by round, because other work on the machine slows both servers of a round alike.
  add(`${name}: ratio`, median(service.map((cost, round) => (plain[round] as number) / cost)), '', goal)
}

/** Prints all figures as a table, or as JSON. */
export function print(): void {
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify(figures, null, 2))
    return
  }
  console.log('| figure | measured | required | aim |\n| --- | --- | --- | --- |')
  for (const { name, value, unit, goal } of figures) {
    console.log(
      `| ${name} | ${`${value.toFixed(2)} ${unit}`.trim()} | ${goal ? verdicts(value, goal).join(' | ') : ' | '} |`
    )
  }
}

/** Prints progress on standard error, so that it does not mix with the figures. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const last = sorted.length - 1
  return ((sorted[Math.floor(last / 2)] as number) + (sorted[Math.ceil(last / 2)] as number)) / 2
}

/** Returns the limit and the aim as text, each with a check mark if the value meets it. */
function verdicts(value: number, goal: Goal): string[] {
  const [limit, sign] = 'min' in goal ? [goal.min, '≥'] : [goal.max, '≤']
  return [limit, goal.aim].map((threshold) => {
    const isMet = 'min' in goal ? value >= threshold : value <= threshold
    return `${sign} ${threshold} ${isMet ? '✓' : '✗'}`
  })
}
