/** The lines of a text that comes bit by bit. To stop reading ends the connection. */
export async function* readLines(body: ReadableStream<Uint8Array>, silence?: number): AsyncGenerator<string> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await endAfter(silence, reader)
      if (done) break
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n')
      rest = lines.pop() as string
      yield* lines
    }
    if (rest !== '') yield rest
  } finally {
    // It may have failed already, which whoever reads has been told.
    await reader.cancel().catch(() => {})
  }
}

/** Reads on; where nothing comes for so many milliseconds, that is the end of it. */
async function endAfter(silence: number | undefined, reader: ReadableStreamDefaultReader<Uint8Array>) {
  if (silence === undefined) return await reader.read()
  const timer = setTimeout(() => reader.cancel().catch(() => {}), silence)
  try {
    return await reader.read()
  } finally {
    clearTimeout(timer)
  }
}

/** A server-sent event: its fields. */
export interface ServerEvent {
  id?: string
  event?: string
  data?: string
  /** Milliseconds to wait before connecting again. */
  retry?: string
}

/** Server-sent events, as the service writes them: each field is on one line. Where nothing comes for so long, they end. */
export async function* readEvents(body: ReadableStream<Uint8Array>, silence: number): AsyncGenerator<ServerEvent> {
  let event: ServerEvent = {}
  for await (const line of readLines(body, silence)) {
    const [, field, value] = /^(id|event|data|retry): ?(.*)$/.exec(line) ?? []
    if (field !== undefined) event = { ...event, [field]: value }
    // What is cut off before the line that ends it is no event.
    if (line !== '') continue
    yield event
    event = {}
  }
}
