import { DecompressedBody } from './decompressed-body.js'

/** Maximum size of a body that is read, in bytes. */
const BYTES_MAX = 4096
/** Maximum length of a description. */
const TEXT_MAX = 200
const CONTROLS = /\p{Cc}+/gu

/**
 * Reads why a source has rejected a request: the `code` and the `message` of a JSON body, such as those of WordPress, or the `title` and
 * the `detail` of a problem (RFC 9457).
 * @param secrets Texts that the description must not contain.
 * @returns Undefined if the body has no such text. Never throws: the status says enough.
 */
export async function readRejection(
  body: AsyncIterable<Uint8Array>,
  secrets: readonly string[]
): Promise<string | undefined> {
  try {
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of new DecompressedBody(body, BYTES_MAX)) {
      size += chunk.length
      if (size > BYTES_MAX) return undefined
      chunks.push(chunk)
    }
    const { code, title, message, detail, error } = Object(JSON.parse(new TextDecoder().decode(Buffer.concat(chunks))))
    const texts = [code, title, message, detail, error].filter((text) => typeof text === 'string' && text !== '')
    const text = texts.join(': ')
    if (text === '' || secrets.some((secret) => text.includes(secret))) return undefined
    return text.slice(0, TEXT_MAX).replace(CONTROLS, ' ')
  } catch {
    return undefined
  }
}
