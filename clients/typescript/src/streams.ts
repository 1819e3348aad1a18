/**
 * Reads the lines of a stream. Closes the connection when the caller stops reading.
 * @param idleTimeoutMs Ends the stream after this time without data.
 */
export async function* readLines(body: ReadableStream<Uint8Array>, idleTimeoutMs?: number): AsyncGenerator<string> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await readChunk(reader, idleTimeoutMs)
      if (done) break
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n')
      rest = lines.pop() as string
      yield* lines
    }
    if (rest !== '') yield rest
  } finally {
    // If the stream has failed, the loop above has thrown its error.
    await reader.cancel().catch(() => {})
  }
}

/** Reads the next chunk. Cancels the stream if no chunk arrives in time. */
async function readChunk(reader: ReadableStreamDefaultReader<Uint8Array>, idleTimeoutMs: number | undefined) {
  if (idleTimeoutMs === undefined) return await reader.read()
  const timer = setTimeout(() => reader.cancel().catch(() => {}), idleTimeoutMs)
  try {
    return await reader.read()
  } finally {
    clearTimeout(timer)
  }
}

/** The fields of a server-sent event. */
export interface ServerEvent {
  id?: string
  event?: string
  data?: string
  /** Milliseconds to wait before reconnecting. */
  retry?: string
}

/**
 * Reads server-sent events. The service writes each field on one line.
 * @param idleTimeoutMs Ends the stream after this time without data.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  idleTimeoutMs: number
): AsyncGenerator<ServerEvent> {
  let event: ServerEvent = {}
  for await (const line of readLines(body, idleTimeoutMs)) {
    const [, field, value] = /^(id|event|data|retry): ?(.*)$/.exec(line) ?? []
    if (field !== undefined) event = { ...event, [field]: value }
    // An empty line ends an event. An event that is cut off before it does not count.
    if (line !== '') continue
    yield event
    event = {}
  }
}
