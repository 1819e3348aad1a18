// XML 1.0, section 2.2. Lone surrogates are excluded too, but neither decoded UTF-8 nor a stored product has any.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what the pattern looks for
const EXCLUDED = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g

/** Removes the characters that XML 1.0 does not allow, not even as references. */
export const removeExcludedFromXml = (text: string): string => text.replace(EXCLUDED, '')
