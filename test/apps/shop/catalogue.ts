/** One thing the shop sells. Prices are in cents; `art` says what its picture shows. */
export interface Product {
  id: string;
  name: string;
  kind: 'Green' | 'Black' | 'Oolong' | 'White' | 'Herbal' | 'Teaware';
  about: string;
  cents: number;
  art: { form: 'tin' | 'pot' | 'cup'; colour: string; motif: 'leaf' | 'hill' | 'wave' | 'sun' | 'dots' | 'none' };
}

export const products: readonly Product[] = [
  tea('sencha', 'Sencha', 'Green', 'Steamed leaves from Shizuoka, bright and grassy.', 1150, '#5f8a6b', 'leaf'),
  tea(
    'gunpowder',
    'Gunpowder',
    'Green',
    'Tightly rolled leaves that open slowly, lightly smoky.',
    890,
    '#46705c',
    'dots',
  ),
  tea('jasmine', 'Jasmine Pearls', 'Green', 'Rolled by hand and scented with fresh blossom.', 1640, '#7d9f85', 'sun'),
  tea('assam', 'Assam', 'Black', 'Malty and strong, from gardens along the Brahmaputra.', 940, '#8a4f3d', 'wave'),
  tea(
    'darjeeling',
    'Darjeeling',
    'Black',
    'First flush, light in the cup, with a hint of muscatel.',
    1490,
    '#a2663f',
    'hill',
  ),
  tea('keemun', 'Keemun', 'Black', 'Cocoa and dried plum, gentle enough without milk.', 1280, '#6b3f3a', 'leaf'),
  tea(
    'iron-goddess',
    'Iron Goddess',
    'Oolong',
    'Half oxidised, floral, good for many infusions.',
    1720,
    '#56707f',
    'wave',
  ),
  tea(
    'silver-needle',
    'Silver Needle',
    'White',
    'Spring buds only: pale, soft, faintly sweet.',
    2150,
    '#8b95a3',
    'dots',
  ),
  tea('chamomile', 'Chamomile', 'Herbal', 'Whole flowers from Hungary, without caffeine.', 720, '#c29a4b', 'sun'),
  tea('peppermint', 'Peppermint', 'Herbal', 'Cut leaves, cool and clear, hot or over ice.', 690, '#4f8c86', 'hill'),
  ware('teapot', 'Stoneware Teapot', 'Holds 0.8 litres, with a strainer of steel.', 3890, 'pot', '#51606f'),
  ware('cup', 'Porcelain Cup', 'Thin walled, 0.2 litres, safe in the dishwasher.', 1290, 'cup', '#7a8fa6'),
];

/** The product of this id, if the shop sells one. */
export function product(id: string): Product | undefined {
  return products.find((p) => p.id === id);
}

/** Products in whose name, kind or description every word of the question occurs; all of them for an empty question. */
export function search(question: string): readonly Product[] {
  const words = question.toLowerCase().split(/\s+/).filter(Boolean);
  const textOf = (p: Product) => `${p.name} ${p.kind} ${p.about}`.toLowerCase();
  return products.filter((p) => words.every((word) => textOf(p).includes(word)));
}

/** A price as customers read it. */
export function price(cents: number): string {
  return `€ ${(cents / 100).toFixed(2)}`;
}

function tea(
  id: string,
  name: string,
  kind: Product['kind'],
  about: string,
  cents: number,
  colour: string,
  motif: Product['art']['motif'],
): Product {
  return { id, name, kind, about, cents, art: { form: 'tin', colour, motif } };
}

function ware(id: string, name: string, about: string, cents: number, form: 'pot' | 'cup', colour: string): Product {
  return { id, name, kind: 'Teaware', about, cents, art: { form, colour, motif: 'none' } };
}
