/** A product that somebody makes here, with nothing in it that can be left out. */
export const mug = {
  sku: 'MUG-001',
  title: 'Stoneware Mug',
  category: 'kitchen-accessories',
  price: 12.5,
  thumbnail: 'https://images.example/mug-small.webp'
}
