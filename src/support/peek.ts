/**
 * Reads the beginning of a file.
 * @param isEnough Returns whether to stop after a chunk.
 * @param max Number of bytes after which it stops in any case.
 * @returns The chunks of the beginning, and an iterable of all chunks of the file. Ending the iterable closes the file.
 */
export async function peek(
  from: AsyncIterable<Uint8Array>,
  isEnough: (chunk: Uint8Array) => boolean,
  max: number
): Promise<{ start: Uint8Array[]; all: AsyncGenerator<Uint8Array> }> {
  const chunks = from[Symbol.asyncIterator]()
  const start: Uint8Array[] = []
  let length = 0
  for (let isOver = false; !isOver; ) {
    const { value, done } = await chunks.next()
    if (done) break
    start.push(value)
    length += value.length
    isOver = length >= max || isEnough(value)
  }
  return { start, all: concat(start, chunks) }
}

/** Yields the chunks that were already read, then the rest. */
async function* concat(start: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* start
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}
