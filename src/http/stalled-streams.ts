/**
 * Yields the parts of a stream. Aborts if the client does not accept the next part in time.
 * @param timeoutMs Milliseconds for each part.
 */
export async function* abortIfStalled<T>(
  from: AsyncIterable<T>,
  timeoutMs: number,
  abort: () => void
): AsyncGenerator<T> {
  for await (const part of from) {
    const timer = setTimeout(abort, timeoutMs)
    try {
      yield part
    } finally {
      clearTimeout(timer)
    }
  }
}
