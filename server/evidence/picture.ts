import { HttpProblem } from '../http/problem.ts';
import { openDrawer, type Walls } from './draw-apart.ts';
import { endsWell } from './formats.ts';

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

/** What is around the process that draws; known once it has begun. */
export function wallsOfDrawing(): Walls | undefined {
  return drawer.walls;
}

/**
 * Draws the picture anew, so that nothing of the file that came in is kept but what can be seen: no metadata, no
 * second format hidden in it; no larger than `within`. `owner` is whose it is: what is hostile in one never meets another's.
 * Takes PNG, JPEG and WebP that end where they should; else throws `PictureRefused`. Problem: 503 `NOT_DRAWN`, if it is not
 * known yet whether that is the picture's fault.
 */
export async function redraw(
  content: Buffer,
  owner: string,
  within = { width: maxSide, height: maxSide },
): Promise<Picture> {
  const ends = endsWell(content);
  if (ends === undefined) throw new PictureRefused('it is not a PNG, JPEG or WebP picture');
  if (!ends) throw new PictureRefused('something other than a picture is attached to it');
  const drawn = await drawer.draw(owner, { content, within });
  if ('undecided' in drawn) {
    throw new HttpProblem(503, 'NOT_DRAWN', `${drawn.undecided}, or the machine is short of something; send it again`, {
      'retry-after': '5',
    });
  }
  if ('refused' in drawn) throw new PictureRefused(`it can't be drawn: ${drawn.refused}`);
  return { ...drawn, content: Buffer.from(drawn.content) };
}
