/**
 * Passes on what is read, and gives up on a reader that takes no more for a while: what waits for it is all that is held.
 * @param time Milliseconds for each part.
 */
export async function* abortIfStalled<T>(from: AsyncIterable<T>, time: number, giveUp: () => void): AsyncGenerator<T> {
  for await (const part of from) {
    const timer = setTimeout(giveUp, time)
    try {
      yield part
    } finally {
      clearTimeout(timer)
    }
  }
}
