/** A category of the sample catalog and its products. */
export interface Category {
  name: string
  skuPrefix: string
  brands: string[]
  tags: string[]
  /** Sentences for descriptions. */
  sentences: string[]
  items: [title: string, price: number, weight: number][]
}

export const assortment: Category[] = [
  {
    name: 'beauty',
    skuPrefix: 'BEA',
    brands: ['Velour & Co.', 'Miravel', 'Solenne'],
    tags: ['cosmetics', 'make-up'],
    sentences: ['Goes on smoothly and stays until you take it off.', 'Made without fragrance, for skin that minds.'],
    items: [
      ['Midnight Volume Mascara', 12.9, 1],
      ['Satin Lipstick Rosewood', 14.5, 1],
      ['Soft Focus Face Powder', 18.95, 1],
      ['Eyeshadow Palette Desert', 24.9, 1],
      ['Clear Brow Gel', 9.9, 1],
      ['Tinted Day Cream', 22.0, 1],
      ['Nail Polish Coral Red', 6.95, 1],
      ['Kohl Eye Pencil', 7.5, 1],
      ['Liquid Blush Peony', 15.9, 1],
      ['Micellar Cleansing Water', 8.49, 1]
    ]
  },
  {
    name: 'fragrances',
    skuPrefix: 'FRA',
    brands: ['Maison Arlen', 'Oriel', 'Northwood Perfumers'],
    tags: ['perfume', 'scent'],
    sentences: ['Opens fresh, and turns warm after an hour.', 'A quiet scent that stays close to the skin.'],
    items: [
      ['Cedar Rain Eau de Parfum', 79.0, 1],
      ['White Fig Eau de Toilette', 54.5, 1],
      ['Amber Hour Eau de Parfum', 89.0, 1],
      ['Sea Salt Cologne', 42.0, 1],
      ['Iris Garden Eau de Parfum', 95.0, 1],
      ['Green Tea Body Mist', 16.9, 1],
      ['Black Pepper Cologne', 48.0, 1],
      ['Vanilla Smoke Eau de Parfum', 84.0, 1],
      ['Orange Blossom Roll-On', 19.5, 1],
      ['Discovery Set Five Scents', 35.0, 1]
    ]
  },
  {
    name: 'skin-care',
    skuPrefix: 'SKI',
    brands: ['Miravel', 'Dermatica Lab'],
    tags: ['skin care', 'cream'],
    sentences: ['Absorbs quickly and leaves no film.', 'Tested by dermatologists, in a bottle of recycled glass.'],
    items: [
      ['Hyaluronic Serum', 27.9, 1],
      ['Oat Hand Cream', 6.9, 1],
      ['Mineral Sunscreen SPF 50', 18.5, 1],
      ['Overnight Repair Mask', 32.0, 1],
      ['Rose Toner', 13.9, 1],
      ['Shea Body Butter', 14.9, 1],
      ['Eye Cream with Caffeine', 21.5, 1],
      ['Clay Face Mask', 11.9, 1],
      ['Lip Balm Honey', 4.5, 1],
      ['Gentle Foam Cleanser', 10.9, 1]
    ]
  },
  {
    name: 'furniture',
    skuPrefix: 'FUR',
    brands: ['Halden Works', 'Oak & Ash'],
    tags: ['furniture', 'living'],
    sentences: [
      'Solid oak, oiled by hand, with joints instead of screws.',
      'Comes flat, and is up in a quarter of an hour.'
    ],
    items: [
      ['Harbor Oak Dining Table', 749.0, 46],
      ['Linen Two-Seat Sofa', 899.0, 58],
      ['Wall Shelf Three Boards', 129.0, 9],
      ['Bedside Table Round', 159.0, 8],
      ['Writing Desk with Drawer', 389.0, 29],
      ['Lounge Chair Cognac', 459.0, 17],
      ['Platform Bed 160', 679.0, 62],
      ['Bar Stool Ash', 119.0, 6],
      ['Wardrobe Two Doors', 829.0, 88],
      ['Shoe Bench with Cushion', 189.0, 12]
    ]
  },
  {
    name: 'home-decoration',
    skuPrefix: 'HOM',
    brands: ['Casa Lumen'],
    tags: ['decoration', 'home'],
    sentences: [
      'Each one is glazed by hand, so no two are the same.',
      'A small thing that a room gets used to at once.'
    ],
    items: [
      ['Stoneware Vase Tall', 39.9, 2],
      ['Beeswax Pillar Candle', 17.5, 1],
      ['Framed Print Coastline', 49.0, 2],
      ['Table Lamp Mushroom', 89.0, 3],
      ['Wool Throw Herringbone', 74.0, 1],
      ['Velvet Cushion Moss', 29.9, 1],
      ['Wall Clock Birch', 45.0, 1],
      ['Round Mirror 60', 99.0, 5],
      ['Hanging Planter Terracotta', 24.5, 2],
      ['Jute Rug 120 by 180', 119.0, 6]
    ]
  },
  {
    name: 'kitchen-accessories',
    skuPrefix: 'KIT',
    brands: ['Brenner', 'Oak & Ash'],
    tags: ['kitchen', 'cooking'],
    sentences: [
      'Goes into the dishwasher, and comes out the same.',
      'Heavy where it should be, light where you hold it.'
    ],
    items: [
      ['Cast Iron Skillet 26', 59.0, 3],
      ["Chef's Knife 20", 84.9, 1],
      ['Walnut Chopping Board', 46.0, 2],
      ['Pour-Over Coffee Set', 38.5, 1],
      ['Salad Spinner', 24.9, 1],
      ['Digital Kitchen Scale', 29.0, 1],
      ['Enamel Stock Pot', 69.0, 3],
      ['Silicone Spatula Set', 15.9, 1],
      ['Pepper Mill Beech', 27.5, 1],
      ['Bread Tin Two Pounds', 19.9, 1]
    ]
  },
  {
    name: 'groceries',
    skuPrefix: 'GRO',
    brands: [],
    tags: ['groceries', 'pantry'],
    sentences: ['From a small farm that we have visited.', 'Packed the day it is sent.'],
    items: [
      ['Extra Virgin Olive Oil', 13.9, 1],
      ['Forest Honey', 8.5, 1],
      ['Espresso Beans Dark Roast', 11.9, 1],
      ['Basmati Rice', 4.2, 1],
      ['Dark Chocolate 72 Percent', 3.49, 1],
      ['Strawberry Jam', 4.9, 1],
      ['Rolled Oats', 2.79, 1],
      ['Green Lentils', 3.1, 1],
      ['Apple Juice Cloudy', 2.95, 1],
      ['Sea Salt Flakes', 5.4, 1]
    ]
  },
  {
    name: 'laptops',
    skuPrefix: 'LAP',
    brands: ['Kestrel', 'Novabook', 'Tessera'],
    tags: ['computers', 'laptops'],
    sentences: ['A day of work on one charge, and no fan to hear.', 'The keyboard is one that people write books on.'],
    items: [
      ['Kestrel Air 13', 1099.0, 1],
      ['Kestrel Studio 16', 2399.0, 2],
      ['Novabook 14', 849.0, 1],
      ['Novabook 15 Plus', 999.0, 2],
      ['Tessera Flex 2-in-1', 1249.0, 1],
      ['Tessera Workstation 17', 2899.0, 3],
      ['Kestrel Go 11', 499.0, 1],
      ['Novabook Gaming 15', 1599.0, 2],
      ['Tessera Campus 14', 629.0, 1],
      ['Kestrel Air 15', 1349.0, 1]
    ]
  },
  {
    name: 'smartphones',
    skuPrefix: 'SMA',
    brands: ['Kestrel', 'Lumo', 'Tessera'],
    tags: ['phones', 'electronics'],
    sentences: ['Gets updates for seven years.', 'The camera sees more in the dark than you do.'],
    items: [
      ['Lumo Phone 5', 699.0, 1],
      ['Lumo Phone 5 Pro', 949.0, 1],
      ['Kestrel One Phone', 799.0, 1],
      ['Kestrel One Mini Phone', 649.0, 1],
      ['Tessera Fold Phone', 1499.0, 1],
      ['Tessera Lite Phone', 249.0, 1],
      ['Lumo Phone 4', 449.0, 1],
      ['Kestrel Rugged Phone', 579.0, 1],
      ['Tessera Note Phone', 899.0, 1],
      ['Lumo Simple Phone', 89.0, 1]
    ]
  },
  {
    name: 'tablets',
    skuPrefix: 'TAB',
    brands: ['Lumo', 'Tessera'],
    tags: ['tablets', 'electronics'],
    sentences: ['A screen to draw on, and thin enough to forget in a bag.', 'Reads like paper in the sun.'],
    items: [
      ['Lumo Tab 10', 329.0, 1],
      ['Lumo Tab 12', 549.0, 1],
      ['Tessera Sketch 13', 899.0, 1],
      ['Tessera Reader 7', 139.0, 1],
      ['Lumo Tab Kids', 199.0, 1],
      ['Tessera Pad 11', 429.0, 1],
      ['Lumo Tab 8 Mini', 279.0, 1],
      ['Tessera Pad 11 LTE', 529.0, 1],
      ['Lumo Tab 10 Keyboard Set', 429.0, 1],
      ['Tessera Reader Color', 219.0, 1]
    ]
  },
  {
    name: 'audio',
    skuPrefix: 'AUD',
    brands: ['Resona', 'Halcyon Sound'],
    tags: ['audio', 'electronics'],
    sentences: ['Clear in the middle, warm below, and never sharp.', 'Switches itself off when you take it away.'],
    items: [
      ['Over-Ear Headphones Quiet', 249.0, 1],
      ['In-Ear Buds Sport', 99.0, 1],
      ['Bookshelf Speakers Pair', 389.0, 9],
      ['Portable Speaker Pebble', 69.0, 1],
      ['Turntable Belt Drive', 329.0, 6],
      ['Soundbar Slim', 219.0, 3],
      ['Studio Microphone USB', 129.0, 1],
      ['Kitchen Radio', 89.0, 2],
      ['Headphone Amplifier', 179.0, 1],
      ['Wireless Buds Everyday', 59.0, 1]
    ]
  },
  {
    name: 'mens-shirts',
    skuPrefix: 'MSH',
    brands: ['Harrow Lane', 'Tidewater'],
    tags: ['clothing', 'shirts'],
    sentences: [
      'Cotton from one mill, washed once so that it fits for good.',
      'Sewn with short stitches and buttons that stay on.'
    ],
    items: [
      ['Oxford Shirt White', 59.0, 1],
      ['Flannel Shirt Red Check', 64.0, 1],
      ['Linen Shirt Sand', 69.0, 1],
      ['Denim Shirt Dark', 72.0, 1],
      ['Heavy T-Shirt Black', 29.0, 1],
      ['Striped T-Shirt Navy', 32.0, 1],
      ['Polo Shirt Bottle Green', 45.0, 1],
      ['Corduroy Overshirt', 89.0, 1],
      ['Band Collar Shirt Blue', 62.0, 1],
      ['Long Sleeve Henley', 39.0, 1]
    ]
  },
  {
    name: 'mens-shoes',
    skuPrefix: 'MSS',
    brands: ['Strider', 'Cobble & Sons'],
    tags: ['shoes', 'footwear'],
    sentences: ['Can be resoled, and is worth it.', 'Comfortable from the first kilometer on.'],
    items: [
      ['Leather Derby Brown', 169.0, 1],
      ['Canvas Sneaker Off-White', 69.0, 1],
      ['Trail Running Shoe Ridge', 129.0, 1],
      ['Chelsea Boot Black', 189.0, 1],
      ['Suede Loafer Tan', 149.0, 1],
      ['Hiking Boot Summit', 199.0, 2],
      ['Road Running Shoe Glide', 119.0, 1],
      ['Leather Sandal', 79.0, 1],
      ['House Slipper Felt', 45.0, 1],
      ['Court Sneaker Green', 89.0, 1]
    ]
  },
  {
    name: 'womens-dresses',
    skuPrefix: 'WDR',
    brands: ['Aurelie', 'Tidewater'],
    tags: ['clothing', 'dresses'],
    sentences: ['Falls well, and has pockets.', 'Lined where it should be, light where it can.'],
    items: [
      ['Linen Summer Dress', 89.0, 1],
      ['Wrap Dress Midnight Blue', 99.0, 1],
      ['Knit Dress Oatmeal', 109.0, 1],
      ['Shirt Dress Striped', 79.0, 1],
      ['Silk Slip Dress', 159.0, 1],
      ['Corduroy Pinafore', 84.0, 1],
      ['Evening Gown Emerald', 249.0, 1],
      ['Tiered Cotton Dress', 74.0, 1],
      ['Jersey Midi Dress', 69.0, 1],
      ['Denim Dress Belted', 94.0, 1]
    ]
  },
  {
    name: 'womens-bags',
    skuPrefix: 'WBA',
    brands: ['Aurelie', 'Cobble & Sons'],
    tags: ['bags', 'leather'],
    sentences: ['Full-grain leather that gets better with the years.', 'Holds more than it seems to.'],
    items: [
      ['Tote Bag Chestnut', 189.0, 1],
      ['Crossbody Bag Small', 129.0, 1],
      ['Canvas Weekender', 149.0, 2],
      ['Bucket Bag Black', 169.0, 1],
      ['Evening Clutch Satin', 79.0, 1],
      ['City Backpack Olive', 139.0, 1],
      ['Belt Bag Cognac', 89.0, 1],
      ['Laptop Sleeve Felt', 49.0, 1],
      ['Shopper Recycled Nylon', 39.0, 1],
      ['Saddle Bag Burgundy', 179.0, 1]
    ]
  },
  {
    name: 'watches',
    skuPrefix: 'WAT',
    brands: ['Meridian', 'Oriel'],
    tags: ['watches', 'accessories'],
    sentences: ['Sapphire glass, and a movement that can be repaired.', 'Loses less than a minute in a year.'],
    items: [
      ['Field Watch 38', 229.0, 1],
      ['Dive Watch 200 m', 449.0, 1],
      ['Dress Watch Slim Gold', 319.0, 1],
      ['Chronograph Panda', 389.0, 1],
      ['Automatic Open Heart', 529.0, 1],
      ['Solar Watch Titanium', 279.0, 1],
      ['Digital Watch Classic', 39.0, 1],
      ['Moonphase Watch', 619.0, 1],
      ['Smartwatch Pulse', 199.0, 1],
      ['Pocket Watch Steel', 149.0, 1]
    ]
  },
  {
    name: 'sunglasses',
    skuPrefix: 'SUN',
    brands: ['Soltura'],
    tags: ['eyewear', 'accessories'],
    sentences: ['Blocks all of UVA and UVB.', 'Light enough to forget on your head.'],
    items: [
      ['Round Sunglasses Tortoise', 89.0, 1],
      ['Aviator Sunglasses Gold', 99.0, 1],
      ['Square Sunglasses Black', 79.0, 1],
      ['Sport Sunglasses Wrap', 119.0, 1],
      ['Cat Eye Sunglasses Red', 84.0, 1],
      ['Polarized Sunglasses Driver', 129.0, 1],
      ['Clip-On Sunglasses', 35.0, 1],
      ["Children's Sunglasses Blue", 25.0, 1],
      ['Oversized Sunglasses Smoke', 94.0, 1],
      ['Folding Sunglasses', 109.0, 1]
    ]
  },
  {
    name: 'sports-accessories',
    skuPrefix: 'SPO',
    brands: ['Strider', 'Vantage Sport'],
    tags: ['sports', 'fitness'],
    sentences: ['Takes years of weekends without a word.', 'Used by the club around the corner since last spring.'],
    items: [
      ['Yoga Mat Cork', 59.0, 2],
      ['Adjustable Dumbbells', 229.0, 24],
      ['Football Match Ball', 39.0, 1],
      ['Tennis Racket Control', 149.0, 1],
      ['Foam Roller', 24.0, 1],
      ['Skipping Rope Speed', 14.9, 1],
      ['Basketball Indoor', 44.0, 1],
      ['Climbing Chalk Bag', 22.0, 1],
      ['Swim Goggles Clear', 19.9, 1],
      ['Resistance Bands Set', 27.5, 1]
    ]
  },
  {
    name: 'garden',
    skuPrefix: 'GAR',
    brands: ['Greenthumb', 'Brenner'],
    tags: ['garden', 'outdoor'],
    sentences: ['Forged from one piece, with a handle of ash.', 'Stays outside all winter and does not mind.'],
    items: [
      ['Pruning Shears', 34.9, 1],
      ['Watering Can Zinc', 42.0, 2],
      ['Raised Bed Larch', 139.0, 18],
      ['Hand Trowel', 18.5, 1],
      ['Garden Hose 25 m', 49.0, 4],
      ['Folding Chair Teak', 99.0, 6],
      ['Wildflower Seed Mix', 6.9, 1],
      ['Compost Bin', 79.0, 9],
      ['Bird Feeder Oak', 36.0, 2],
      ['Solar Path Lights', 29.9, 1]
    ]
  },
  {
    name: 'toys',
    skuPrefix: 'TOY',
    brands: ['Little Orbit'],
    tags: ['toys', 'children'],
    sentences: [
      'Safe from the first year on, and loved long after.',
      'Needs no batteries, only somebody to play with.'
    ],
    items: [
      ['Wooden Train Set', 54.0, 2],
      ['Building Blocks 100', 39.9, 3],
      ['Plush Bear Large', 29.9, 1],
      ['Marble Run', 47.0, 2],
      ['Memory Game Animals', 12.9, 1],
      ['Watercolor Set', 15.5, 1],
      ['Balance Bike Red', 89.0, 4],
      ['Puzzle World Map', 19.9, 1],
      ['Kite Rainbow', 24.0, 1],
      ['Doctor Play Set', 27.5, 1]
    ]
  }
]
