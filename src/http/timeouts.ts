/** Milliseconds for the headers of a request, and for its body unless that is a file. */
export const BODY_TIMEOUT = 30_000

/** Milliseconds for an uploaded file, and for any request as a whole. */
export const UPLOAD_TIMEOUT = 600_000
