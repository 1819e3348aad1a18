// The lengths are limited, because the search would take quadratic time.
const SHORTCODE = /\[(\/?)([a-z][\w-]{0,100})([^[\]]{0,2000})\]/gi

/**
 * Removes the shortcodes of WordPress, such as `[contact-form-7 id="4"]`, which plugins replace when they show a page. Their content stays:
 * `[highlight]New[/highlight]` becomes `New`. Other text in brackets stays too, such as `[cm]`. A shortcode differs from it by a name of
 * several words, by attributes, or by an end tag.
 */
export function removeShortcodes(html: string): string {
  const closed = new Set<string>()
  for (const [, slash, name] of html.matchAll(SHORTCODE)) if (slash) closed.add(String(name))
  return html.replace(SHORTCODE, (text, _slash: string, name: string, attributes: string) =>
    closed.has(name) || /[_-]/.test(name) || /^\s[^=]*=/.test(attributes) ? '' : text
  )
}
