import sharp from 'sharp';
import type { Answered, Asked, Drawn, Order } from './draw-apart.ts';

/*
 * The process that `openDrawer` begins: whoever gets the better of the decoder has got it, and nothing else. It ends with
 * whoever began it.
 */

/** Enough for a page of 1280 × 30,000; a picture of more would cost more memory than it is worth. */
const maxPixels = 40_000_000;

sharp.cache(false);
process.on('disconnect', () => process.exit());
process.on('message', async ({ number, ...order }: Asked) => {
  const drawn = await draw(order).catch((error: unknown): Drawn => {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    return { refused: why.slice(0, 200) };
  });
  process.send?.({ number, drawn } satisfies Answered);
});
process.send?.('ready');

async function draw({ content, within }: Order): Promise<Drawn> {
  const { data, info } = await sharp(content, { limitInputPixels: maxPixels, failOn: 'error', sequentialRead: true })
    .timeout({ seconds: 20 })
    .resize({ ...within, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 80 })
    .toBuffer({ resolveWithObject: true });
  return { content: data, width: info.width, height: info.height };
}
