import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { PictureRefused, redraw } from './picture.ts';

const drawn = () => sharp({ create: { width: 40, height: 20, channels: 3, background: '#3366cc' } });

test('PNG, JPEG and WebP are drawn anew as WebP of the same size', async () => {
  for (const format of ['png', 'jpeg', 'webp'] as const) {
    const picture = await redraw(await drawn().toFormat(format).toBuffer(), 'acme');
    const seen = await sharp(picture.content).metadata();
    assert.deepEqual([seen.format, seen.width, seen.height, picture.width, picture.height], ['webp', 40, 20, 40, 20]);
  }
});

test('metadata does not survive', async () => {
  const secret = 'taken at 52.09, 5.12';
  const before = await drawn()
    .withExif({ IFD0: { ImageDescription: secret } })
    .jpeg()
    .toBuffer();
  assert.ok(before.includes(secret));
  const { content } = await redraw(before, 'acme');
  assert.ok(!content.includes(secret));
  assert.equal((await sharp(content).metadata()).exif, undefined);
});

test('a page that is longer than WebP can hold is scaled down', async () => {
  const long = await sharp({ create: { width: 10, height: 20_000, channels: 3, background: '#fff' } })
    .png()
    .toBuffer();
  const { width, height } = await redraw(long, 'acme');
  assert.deepEqual([width, height], [8, 16_000]);
});

const webp = await drawn().webp().toBuffer();
const png = await drawn().png().toBuffer();
const jpeg = await drawn().jpeg().toBuffer();
const page = Buffer.from('<!doctype html><script>alert(1)</script>');
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>';
const refusals: [string, Buffer][] = [
  ['an SVG', Buffer.from(svg)],
  ['a page', page],
  ['a PDF', Buffer.from('%PDF-1.7\n')],
  ['nothing', Buffer.alloc(0)],
  ['a GIF', await drawn().gif().toBuffer()],
  ['a PNG with a page behind it', Buffer.concat([png, page])],
  ['a JPEG with a page behind it', Buffer.concat([jpeg, page])],
  ['a WebP with a page behind it', Buffer.concat([webp, page])],
  ['half a PNG', png.subarray(0, png.length - 20)],
  ['a PNG with its middle gone', Buffer.concat([png.subarray(0, 40), png.subarray(-12)])],
  ['a signature with nothing behind it', png.subarray(0, 8)],
  ['a PNG of 20,000 by 20,000 pixels in a few bytes', bomb(20_000)],
];

for (const [what, content] of refusals) {
  test(`${what} is refused`, () => assert.rejects(redraw(content, 'acme'), PictureRefused));
}

/** A well-formed one-bit PNG of `side` × `side` pixels, all zero, which packs a thousandfold. */
function bomb(side: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.writeUInt8(1, 8);
  const rows = deflateSync(Buffer.alloc((side / 8 + 1) * side));
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
