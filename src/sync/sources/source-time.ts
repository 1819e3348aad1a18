const FIRST_TIME = Date.parse('0000-01-01T00:00:00Z')
const LAST_TIME = Date.parse('9999-12-31T23:59:59.999Z')
const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d:?\d\d)?)?$/i

/** Parses a time (ISO 8601), or a date. One without a time zone is in UTC. Returns it in UTC, or undefined if the text is no time. */
export function parseTime(text: string): string | undefined {
  const [, date, clock = '00:00:00', zone = 'Z'] = TIME.exec(text.trim()) ?? []
  const time = Date.parse(`${date}T${clock}${zone}`)
  // In UTC, the year can have five digits or be negative. Then it does not compare as text.
  return time >= FIRST_TIME && time <= LAST_TIME ? new Date(time).toISOString() : undefined
}
