import { type StringOptions, type TString, Type } from '@sinclair/typebox'

/* Text that clients may write. */

/** Any character except control characters. Tabs and line ends are allowed. Some databases reject the others. */
const TEXT = '[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f]'
export const TEXT_PATTERN = `^${TEXT}*$`
/**
 * White space and invisible characters among these, which the service removes at the start of a text. Those above U+FFFF are missing, because
 * regular expressions of many languages cannot name them.
 */
const BLANKS =
  '\\t\\n\\r \\xA0\\xAD\\u034F\\u061C\\u115F\\u1160\\u1680\\u17B4\\u17B5\\u180B-\\u180F\\u2000-\\u200F\\u2028-\\u202F' +
  '\\u205F-\\u206F\\u2800\\u3000\\u3164\\uFE00-\\uFE0F\\uFEFF\\uFFA0\\uFFF0-\\uFFFB'
/**
 * Text with at least one visible character. Neighboring parts of the pattern match different characters, so matching takes linear
 * time.
 */
export const VISIBLE_TEXT_PATTERN = `^[${BLANKS}]*[^${BLANKS}\\x00-\\x1f\\x7f-\\x9f]${TEXT}*$`
/** The same without a colon, which separates the name of an attribute from its value in filters and files. */
export const NAME_PATTERN = VISIBLE_TEXT_PATTERN.replaceAll('[^', '[^:')

/** Text that may be empty. */
export const text = (schema: TString, options: StringOptions = {}) =>
  Type.String({ ...schema, pattern: TEXT_PATTERN, ...options })

/** Text with at least one visible character. */
export const filled = (schema: TString, options: StringOptions = {}) =>
  text(schema, { minLength: 1, pattern: VISIBLE_TEXT_PATTERN, ...options })
