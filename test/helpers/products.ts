import type { ProductFields } from '../../src/products/overlay.js'
import type { SourceProductRow } from '../../src/store/source-products.js'
import { mapProduct } from '../../src/sync/sources/dummyjson/dummyjson-mapping.js'

/** Returns a product in the format of the source. */
export function sourceProduct(id: number, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id,
    title: `Product ${id}`,
    description: `What product ${id} is.`,
    category: 'beauty',
    price: 9.99,
    discountPercentage: 10.5,
    rating: 4.2,
    stock: 7,
    tags: ['beauty', 'test'],
    brand: 'Brand',
    sku: `SKU-${id}`,
    weight: 2,
    dimensions: { width: 1.5, height: 2.5, depth: 3.5 },
    warrantyInformation: '1 year warranty',
    shippingInformation: 'Ships overnight',
    availabilityStatus: 'In Stock',
    reviews: [
      {
        rating: 5,
        comment: 'Good.',
        date: '2026-01-02T03:04:05.678Z',
        reviewerName: 'Ada Example',
        reviewerEmail: 'ada@mail.example'
      }
    ],
    returnPolicy: '30 days return policy',
    minimumOrderQuantity: 1,
    meta: {
      createdAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-02T00:00:00.000Z',
      barcode: '2000000000001',
      qrCode: 'https://images.example/qr.png'
    },
    images: [`https://images.example/${id}/1.webp`],
    thumbnail: `https://images.example/${id}/thumbnail.webp`,
    ...changes
  }
}

export const mascara = sourceProduct(1, { title: 'Mascara' })
export const palette = sourceProduct(2, { title: 'Palette', brand: undefined })

/** Maps a product of the source. */
export const mapSource = (from: unknown) => mapProduct(from, { currency: 'USD' })

/** Maps a product of the source. Throws if it is in quarantine. */
export function mappedRow(from: unknown): SourceProductRow & { fields: ProductFields } {
  const mapped = mapSource(from)
  if ('problem' in mapped) throw new Error(JSON.stringify(mapped.problem))
  return mapped.row as SourceProductRow & { fields: ProductFields }
}
