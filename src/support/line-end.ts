/** Removes one line end (`\n` or `\r\n`) at the end of a text. */
export const withoutLineEnd = (text: string) => text.replace(/\r?\n$/, '')
