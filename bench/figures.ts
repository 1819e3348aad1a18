/* What the benchmark has measured, and what it has to reach. */

interface Figure {
  name: string
  value: number
  unit: string
  /** What it has to reach, and what it should. */
  least: number
  aim: number
  better: 'higher' | 'lower'
}

const figures: Figure[] = []

/** Adds a figure. @param least What it has to reach. @param aim What it should. */
export function add(
  name: string,
  value: number,
  unit: string,
  least: number,
  aim: number,
  better: Figure['better']
): void {
  figures.push({ name, value, unit, least, aim, better })
  progress(`${name}: ${value.toFixed(2)} ${unit}`)
}

/** Prints all figures as a table, or as JSON. */
export function print(): void {
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify(figures, null, 2))
    return
  }
  const reaches = ({ value, better }: Figure, mark: number) => (better === 'higher' ? value >= mark : value <= mark)
  const sign = { higher: '≥', lower: '≤' }
  console.log('| figure | measured | at least | aim |\n| --- | --- | --- | --- |')
  for (const figure of figures) {
    const { name, value, unit, least, aim, better } = figure
    const marks = [least, aim].map((mark) => `${sign[better]} ${mark} ${reaches(figure, mark) ? '✓' : '✗'}`)
    console.log(`| ${name} | ${value.toFixed(2)} ${unit} | ${marks.join(' | ')} |`)
  }
}

/** Says how far the benchmark is, beside what it prints. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}
