import { SourceError } from '../../source-error.js'
import type { SourceKind } from '../source-kind.js'
import type { FeedItem, UnreadableItem } from './feed-items.js'
import { isFeedTable, readTableItems } from './feed-table.js'
import { readText } from './feed-text.js'
import { readXmlItems } from './feed-xml.js'
import { mapProduct } from './google-mapping.js'
import { ItemGroups } from './item-groups.js'

/** The root element of RSS and Atom. */
const FEED = /<(?:rss|feed|rdf:RDF)[\s>]/

/** Another instance of the service sends RSS only if a request prefers it. */
const ACCEPT = 'application/rss+xml, application/atom+xml, application/xml;q=0.9, text/*;q=0.8, */*;q=0.5'

/**
 * A merchant feed of Google, Meta and others: a file with all products, as RSS, Atom, TSV or CSV. Items with the same `item_group_id` are
 * the variants of one product.
 */
export const google: SourceKind = {
  // A sync sends one request. The limit applies to retries.
  pace: { requests: 10, period: 10_000 },

  hasContent: ({ text }) => (text.startsWith('<') ? FEED.test(text) : isFeedTable(text)),

  first: ({ url }) => ({ url, accept: ACCEPT }),

  async *read(body, head) {
    const groups = new ItemGroups()
    try {
      for await (const item of readItems(readText(body, head))) {
        const { item_group_id: group } = item as FeedItem
        if (typeof group === 'string') await groups.add(group, item as FeedItem)
        else yield item
      }
      yield* groups.list()
      return {}
    } finally {
      await groups.close()
    }
  },

  map: mapProduct,

  next: () => 'whole'
}

/** Reads the items in the form that the first character shows. */
async function* readItems(text: AsyncGenerator<string>): AsyncGenerator<FeedItem | UnreadableItem> {
  const { done, value: start } = await text.next()
  if (done) throw new SourceError('invalid', { detail: 'the feed is empty' })
  async function* all() {
    yield start
    yield* text
  }
  yield* start.startsWith('<') ? readXmlItems(all()) : readTableItems(all())
}
