import { openDrawer } from './draw-apart.ts';

/** The file is not a picture we would show to anybody; the message says why. */
export class PictureRefused extends Error {
  override readonly name = 'PictureRefused';
}

export interface Picture {
  /** WebP */
  content: Buffer;
  width: number;
  height: number;
}

/** WebP goes no further than 16,383. */
const maxSide = 16_000;

const drawer = openDrawer();

/**
 * Draws the picture anew, so that nothing of the file that came in is kept but what can be seen: no metadata, no
 * second format hidden in it; no larger than `within`. Takes PNG, JPEG and WebP that end where they should; else throws `PictureRefused`.
 */
export async function redraw(content: Buffer, within = { width: maxSide, height: maxSide }): Promise<Picture> {
  const ends = endOf(content);
  if (ends === undefined) throw new PictureRefused('it is not a PNG, JPEG or WebP picture');
  if (!ends) throw new PictureRefused('something other than a picture is attached to it');
  const drawn = await drawer.draw({ content, within });
  if ('refused' in drawn) throw new PictureRefused(`it can't be drawn: ${drawn.refused}`);
  return { ...drawn, content: Buffer.from(drawn.content) };
}

/** Whether the file ends where its format says it does; undefined for other formats. */
function endOf(content: Buffer): boolean | undefined {
  if (content.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'))) {
    return content.subarray(-12).equals(Buffer.from('0000000049454e44ae426082', 'hex'));
  }
  if (content.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex'))) {
    return content.subarray(-2).equals(Buffer.from('ffd9', 'hex'));
  }
  if (
    content.length > 12 &&
    content.toString('latin1', 0, 4) === 'RIFF' &&
    content.toString('latin1', 8, 12) === 'WEBP'
  ) {
    const length = content.readUInt32LE(4) + 8;
    return content.length === length + (length % 2);
  }
  return undefined;
}
