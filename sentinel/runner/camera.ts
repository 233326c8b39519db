import { paintOver } from './paint-over.ts';
import type { Pipe } from './pipe.ts';
import type { Recorder } from './recorder.ts';

export type Picture = { image: Buffer; mediaType: 'image/webp' } | { missing: string };

export interface Camera {
  /** Takes a picture of the latest page as it stands; it takes the place of an earlier one unless it fails. */
  take(timeoutMs: number): Promise<void>;
  /** The picture taken last; none if no page was open. */
  developed(): Promise<Picture | undefined>;
}

export interface CameraSettings {
  chromium: Pipe;
  recorder: Recorder;
  /** Session of the page the script opened last and that is still there. */
  latestPage(): string | undefined;
  maskSelectors: readonly string[];
  secrets: readonly string[];
}

const widestPx = 1280;
const shots = 2;

/**
 * Takes screenshots. Password fields, the monitor's selectors and whatever shows a secret are painted over in the page
 * itself, before and again after the picture is taken; where that can't be confirmed there is no picture.
 */
export function openCamera({ chromium, recorder, latestPage, ...hidden }: CameraSettings): Camera {
  const paint = `(${paintOver.toString()})(${JSON.stringify(hidden.maskSelectors)}, ${JSON.stringify(hidden.secrets)})`;
  let latest: { png: Buffer } | { missing: string } | undefined;
  let busy = Promise.resolve();

  const paintFrames = async (page: string, timeoutMs: number): Promise<number> => {
    const counts = await recorder.inFramesOf(page, paint, timeoutMs);
    return counts.reduce<number>((sum, count) => sum + Number(count), 0);
  };

  /** Chromium answers nothing for a page that waits for its next document; a document that hangs is given up first. */
  const paintFirst = (page: string, timeoutMs: number) =>
    paintFrames(page, timeoutMs / 4).catch(async () => {
      await chromium.call('Page.stopLoading', {}, page, timeoutMs);
      return paintFrames(page, timeoutMs);
    });

  const capture = async (page: string, timeoutMs: number): Promise<{ png: Buffer } | { missing: string }> => {
    let what = 'painting over the fields that hold secrets could not be confirmed';
    try {
      await paintFirst(page, timeoutMs);
      for (let shot = 0; shot < shots; shot++) {
        what = 'the page did not give a picture in time';
        const params = { format: 'png', optimizeForSpeed: true };
        const { data } = await chromium.call('Page.captureScreenshot', params, page, timeoutMs);
        what = 'the page changed what was painted over in it';
        if ((await paintFrames(page, timeoutMs)) === 0) return { png: Buffer.from(String(data), 'base64') };
      }
    } catch {
      // whatever it was that the page did not do in time, there is no picture to be sure of
    }
    return { missing: what };
  };

  const takeNow = async (timeoutMs: number) => {
    const page = latestPage();
    if (page === undefined) return;
    const shot = await capture(page, timeoutMs);
    if ('png' in shot || !latest) latest = shot;
  };

  return {
    take(timeoutMs) {
      busy = busy.then(() => takeNow(timeoutMs));
      return busy;
    },
    async developed() {
      if (!latest || 'missing' in latest) return latest;
      try {
        return { image: await smallWebp(latest.png), mediaType: 'image/webp' };
      } catch {
        return { missing: 'the picture of the page could not be read' };
      }
    },
  };
}

async function smallWebp(png: Buffer): Promise<Buffer> {
  const { default: sharp } = await import('sharp');
  return sharp(png).resize({ width: widestPx, withoutEnlargement: true }).webp({ quality: 75 }).toBuffer();
}
