import { Client } from 'undici'
import { readRetryAfter } from './retries.js'
import { toSourceError, USER_AGENT } from './source-client.js'
import { SourceError } from './source-error.js'
import { defaultLimits } from './source-limits.js'
import type { SourceSession } from './source-session.js'
import type { FollowRequest } from './sources/source-kind.js'

const EVENTS = 'text/event-stream'
/** Maximum length of a line, in characters. The service needs only the IDs of events. */
const LINE_MAX = 65_536
const LINE_END = /\r\n|\r|\n/

/**
 * Opens a stream of server-sent events (HTML Standard, section 9.2), on a connection of its own. Yields the ID of each event, also of events
 * without data, which only say that the source has moved on. Ends when the source ends the stream.
 * @throws {SourceError} if the source sends no stream, or if the stream breaks.
 */
export async function* openSourceStream(
  { url, silenceMs }: FollowRequest,
  session: SourceSession,
  stop: AbortSignal
): AsyncGenerator<string> {
  const { origin, pathname, search } = new URL(url)
  const client = new Client(origin, {
    connect: { timeout: defaultLimits.connect, rejectUnauthorized: true },
    headersTimeout: defaultLimits.response,
    bodyTimeout: silenceMs
  })
  try {
    for await (const line of readLines(await open())) if (line.startsWith('id:')) yield line.slice('id:'.length).trim()
  } catch (error) {
    throw toSourceError(error as Error)
  } finally {
    await client.destroy().catch(() => {})
  }

  async function open(isRetry = false): Promise<AsyncIterable<Uint8Array>> {
    const auth = await session.header(client, stop)
    const { statusCode, headers, body } = await client.request({
      method: 'GET',
      path: `${pathname}${search}`,
      headers: {
        accept: EVENTS,
        'cache-control': 'no-cache',
        'user-agent': USER_AGENT,
        ...(auth && { [auth.name]: auth.value })
      },
      signal: stop
    })
    if (statusCode === 200 && String(headers['content-type']).startsWith(EVENTS)) return body
    body.on('error', () => {}).destroy()
    if (statusCode === 401 && !isRetry && session.renew(auth)) return await open(true)
    const detail = `the source sends no stream of changes: http-${statusCode}`
    throw new SourceError(`http-${statusCode}`, { detail, retryAfter: readRetryAfter(headers['retry-after']) })
  }
}

/** Splits a stream into lines. @throws {SourceError} if one is too long. */
async function* readLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const text = decoder.decode(chunk, { stream: true })
    // The text so far has no line end, so that a line in many chunks is not searched for each of them.
    if (!LINE_END.test(text)) rest += text
    else {
      const lines = (rest + text).split(LINE_END)
      rest = lines.pop() as string
      yield* lines
    }
    if (rest.length > LINE_MAX) throw new SourceError('too-large', { detail: 'the stream of changes has a long line' })
  }
}
