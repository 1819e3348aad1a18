/** Returns the reason of a rejected promise. */
export const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => {
      throw new Error('It did not fail.')
    },
    (error: Error) => error
  )
