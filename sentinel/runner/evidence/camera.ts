import { z } from 'zod';
import { type EvidencePolicy, maxEvidenceBytes } from '../../protocol/messages.ts';
import type { Pipe } from '../browser/pipe.ts';
import type { Recorder } from '../pages/recorder.ts';
import { paintOver, uncover } from './paint-over.ts';

export type Shot = { png: Buffer } | { missing: string };

export interface CameraSettings {
  chromium: Pipe;
  recorder: Recorder;
  policy: EvidencePolicy;
  maskSelectors: readonly string[];
  /** As of `secretPatterns`. */
  patterns: readonly string[];
}

export interface Camera {
  /**
   * Paints over what no evidence may show, in every frame of a page, and gives what is written there; rejects unless all
   * answer. Unless the test `goesOn`, a document that the page waits for is given up if need be.
   */
  paint(page: string, timeoutMs: number, goesOn: boolean): Promise<string[]>;
  /** A picture of a page that was painted. */
  shoot(page: string, timeoutMs: number): Promise<Shot>;
  /** Gives what was painted over its looks back: the page goes on. */
  uncover(page: string, timeoutMs: number): Promise<void>;
  /**
   * A picture of what a user sees of a page in which the run goes on: painted over for that moment, and left as it was.
   * Undefined where that can't be had within `timeoutMs` for each of the four steps to it.
   */
  glimpse(page: string, timeoutMs: number): Promise<Buffer | undefined>;
}

const Painted = z.object({ painted: z.number(), texts: z.array(z.string()) });
const shots = 2;
const asPng = { format: 'png', optimizeForSpeed: true };
/** Longest part of a page that is shown, and how much of it: Chromium draws no more than 16,384 pixels in a row. */
const mostHeightPx = 10_000;
const mostPixels = 20_000_000;

/**
 * Takes screenshots. Password fields, the monitor's selectors and whatever shows a secret are painted over in the page
 * itself, before and again after the picture is taken; where that can't be confirmed there is no picture.
 */
export function openCamera({ chromium, recorder, policy, maskSelectors, patterns }: CameraSettings): Camera {
  const expression = `(${paintOver.toString()})(${JSON.stringify(maskSelectors)}, ${JSON.stringify(patterns)})`;

  const paintFrames = async (page: string, timeoutMs: number) => {
    const frames = z.array(Painted).parse(await recorder.inFramesOf(page, expression, timeoutMs));
    return { painted: frames.some(({ painted }) => painted > 0), texts: frames.flatMap(({ texts }) => texts) };
  };

  /** A page that does not answer does what it was asked later, in this order. */
  const uncoverFrames = async (page: string, timeoutMs: number) => {
    await recorder.inFramesOf(page, `(${uncover.toString()})()`, timeoutMs).catch(() => {});
  };

  return {
    /** Chromium answers nothing for a page that waits for its next document; a document that hangs is given up first. */
    async paint(page, timeoutMs, goesOn) {
      const first = paintFrames(page, timeoutMs / 4).catch(async (error) => {
        if (goesOn) throw error;
        await chromium.call('Page.stopLoading', {}, page, timeoutMs);
        return paintFrames(page, timeoutMs);
      });
      return (await first).texts;
    },

    async shoot(page, timeoutMs) {
      let what = 'the page did not give a picture in time';
      try {
        for (let shot = 0; shot < shots; shot++) {
          what = 'the page did not give a picture in time';
          const clip = policy.screenshot === 'page' ? await wholePage(chromium, page, policy.width, timeoutMs) : {};
          const params = { ...asPng, ...clip };
          const { data } = await chromium.call('Page.captureScreenshot', params, page, timeoutMs);
          what = 'the page changed what was painted over in it';
          if (!(await paintFrames(page, timeoutMs)).painted) return { png: Buffer.from(String(data), 'base64') };
        }
      } catch {
        // whatever it was that the page did not do in time, there is no picture to be sure of
      }
      return { missing: what };
    },

    uncover: uncoverFrames,

    async glimpse(page, timeoutMs) {
      try {
        await paintFrames(page, timeoutMs);
        const { data } = await chromium.call('Page.captureScreenshot', asPng, page, timeoutMs);
        const { painted } = await paintFrames(page, timeoutMs);
        return painted ? undefined : Buffer.from(String(data), 'base64');
      } catch {
        return undefined; // the page was busy with itself; another run will do
      } finally {
        await uncoverFrames(page, timeoutMs);
      }
    },
  };
}

const Metrics = z.object({
  cssContentSize: z.object({ width: z.number().positive(), height: z.number().positive() }),
  cssLayoutViewport: z.object({ clientWidth: z.number().positive() }),
  layoutViewport: z.object({ clientWidth: z.number().positive() }),
});

/** The part of a page to be shown, one pixel of the picture for each of CSS. */
async function wholePage(chromium: Pipe, page: string, widestPx: number, timeoutMs: number): Promise<object> {
  const metrics = Metrics.parse(await chromium.call('Page.getLayoutMetrics', {}, page, timeoutMs));
  const width = Math.min(metrics.cssContentSize.width, mostHeightPx);
  const most = Math.min(mostHeightPx, Math.floor(mostPixels / Math.max(width, widestPx)));
  const height = Math.min(metrics.cssContentSize.height, most);
  const scale = metrics.cssLayoutViewport.clientWidth / metrics.layoutViewport.clientWidth;
  return { captureBeyondViewport: true, clip: { x: 0, y: 0, width, height, scale } };
}

/** The picture as it is sent: as good as asked for, less if it would be too large; undefined if nothing helps. */
export async function develop(png: Buffer, { quality, width }: EvidencePolicy): Promise<Buffer | undefined> {
  const { default: sharp } = await import('sharp');
  for (let share = 1; share > 0.2; share *= 0.7) {
    const image = await sharp(png)
      .resize({ width: Math.round(width * share), withoutEnlargement: true })
      .webp({ quality: Math.ceil(quality * share) })
      .toBuffer();
    if (image.length <= maxEvidenceBytes) return image;
  }
  return undefined;
}
