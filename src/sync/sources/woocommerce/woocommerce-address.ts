import type { SourceSettings } from '../source-kind.js'

/** Products requested per page. Shops reject requests for more. */
export const PAGE_SIZE = 100

const STORE_LIST = '/wc/store/v1/products'
const REST_LIST = '/wc/v3/products'
/** The address of a list, or the start of one: in the path or, in shops without permalinks, in the parameter `rest_route`. */
const API = /\/wc\/(store(\/v\d+)?|v3)(\/products)?\/?$/
const COMMON_FIELDS =
  'id,name,slug,permalink,sku,description,short_description,average_rating,images,categories,tags,brands,attributes,variations'
/**
 * The fields that the mappings read, of products and variations. Without them, shops send and compute much more, such as the metadata of
 * plugins and related products.
 */
const STORE_FIELDS = `${COMMON_FIELDS},prices,is_purchasable,is_in_stock,is_on_backorder,low_stock_remaining`
const REST_FIELDS =
  `${COMMON_FIELDS},status,price,regular_price,sale_price,date_on_sale_from_gmt,date_on_sale_to_gmt,manage_stock,stock_quantity,` +
  'stock_status,weight,dimensions,global_unique_id,date_created_gmt,date_modified_gmt,image'

/** The parameters that requests for variations keep. The others select products. */
const COMMON_PARAMETERS = new Set(['_fields', 'rest_route', 'consumer_key', 'consumer_secret', 'lang'])

/** Returns whether an address can only belong to a shop of WooCommerce. */
export const isList = (address: URL): boolean => API.test(routeOf(address))

/** Returns whether the service reads the REST API, which needs keys, instead of the Store API. */
export function usesKeys({ url, hasAuth = false }: SourceSettings): boolean {
  const api = API.exec(routeOf(new URL(url)))?.[1]
  return api === undefined ? hasAuth : api === 'v3'
}

/** Returns the address of the list of products, without the number of the page. */
export function toListAddress(settings: SourceSettings): URL {
  const address = new URL(settings.url)
  const route = routeOf(address)
  const list = usesKeys(settings) ? REST_LIST : STORE_LIST
  if (!API.test(route)) address.pathname = `${route.replace(/\/(wp-json\/?)?$/, '')}/wp-json${list}`
  else if (!/\/products\/?$/.test(route)) setRoute(address, `${route.replace(/\/$/, '')}/products`)
  address.searchParams.set('_fields', list === REST_LIST ? REST_FIELDS : STORE_FIELDS)
  address.searchParams.set('per_page', String(PAGE_SIZE))
  address.searchParams.set('orderby', 'id')
  address.searchParams.set('order', 'asc')
  // Without it, the API lists published products only.
  if (list === REST_LIST && !address.searchParams.has('status')) address.searchParams.set('status', 'any')
  return address
}

/**
 * Returns the address of variations.
 * @param list The address of a list of products, or of other variations.
 * @param ids Their ids, at most as many as a page has.
 */
export function toVariationsAddress(list: string, ids: readonly number[]): URL {
  const address = new URL(list)
  for (const name of [...address.searchParams.keys()]) {
    if (!COMMON_PARAMETERS.has(name)) address.searchParams.delete(name)
  }
  const route = routeOf(address)
  if (route.includes('/wc/v3/')) setRoute(address, route.replace(/\/products\/?$/, '/variations'))
  else address.searchParams.set('type', 'variation')
  address.searchParams.set('per_page', String(PAGE_SIZE))
  address.searchParams.set('include', ids.join(','))
  return address
}

const routeOf = ({ pathname, searchParams }: URL) => searchParams.get('rest_route') ?? pathname

function setRoute(address: URL, route: string): void {
  if (address.searchParams.has('rest_route')) address.searchParams.set('rest_route', route)
  else address.pathname = route
}
