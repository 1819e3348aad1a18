/** A local product with only the required fields. */
export const mug = {
  sku: 'MUG-001',
  title: 'Stoneware Mug',
  category: 'kitchen-accessories',
  price: 12.5,
  thumbnail: 'https://images.example/mug-small.webp'
}
