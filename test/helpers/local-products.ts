/** A local product with only the required fields. */
export const mug = {
  sku: 'MUG-001',
  title: 'Stoneware Mug',
  category: 'kitchen-accessories',
  price: 12.5,
  thumbnail: 'https://images.example/mug-small.webp'
}

/** A local product with attributes, options and variants. */
export const tee = {
  sku: 'TEE-001',
  title: 'Plain Shirt',
  category: 'tops',
  price: 15,
  attributes: [
    { name: 'Material', value: 'organic cotton' },
    { name: 'Waterproof', value: 'no' }
  ],
  options: [
    { name: 'Size', values: ['S', 'M', 'XL'] },
    { name: 'Color', values: ['red', 'navy blue'] }
  ],
  variants: [
    {
      sku: 'TEE-001-S-R',
      barcode: '5901234123457',
      options: [
        { name: 'Size', value: 'S' },
        { name: 'Color', value: 'red' }
      ],
      price: 15,
      stock: 0
    },
    {
      sku: 'TEE-001-M-R',
      externalId: 'gid://shop/9007199254740993',
      options: [
        { name: 'Size', value: 'M' },
        { name: 'Color', value: 'red' }
      ],
      price: 19.9,
      stock: 12,
      image: 'https://images.example/tee-red.webp'
    },
    { options: [{ name: 'Color', value: 'navy blue' }], price: 17.005, availability: 'preorder' }
  ]
}
