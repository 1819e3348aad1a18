/** Waits for a time. Rejects with the reason of the signal if the signal aborts first. */
export function wait(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout>
  const elapsed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, delayMs)
  })
  return unlessAborted(elapsed, signal).finally(() => clearTimeout(timer))
}

/** Returns a promise that rejects when the signal aborts. Does not abort the work behind the original promise. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
