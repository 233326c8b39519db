import type { Chromium } from './browser.ts';

export type Picture = { image: Buffer; mediaType: 'image/webp' } | { missing: string };

export interface PictureRequest {
  chromium: Chromium;
  sessionId: string;
  /** Runs an expression in the recorder's world of every frame of the page; rejects unless all frames answered. */
  inAllFrames(expression: string, timeoutMs: number): Promise<unknown[]>;
  maskSelectors: readonly string[];
  secrets: readonly string[];
  timeoutMs: number;
}

const widestPx = 1280;

/**
 * A screenshot of the page as it stands, as WebP. Password fields, the monitor's selectors and whatever shows a secret are
 * painted over in the page itself, before the picture is taken; where that can't be confirmed there is no picture.
 */
export async function picture({ chromium, sessionId, ...request }: PictureRequest): Promise<Picture> {
  const paint = `(${paintOver.toString()})(${JSON.stringify(request.maskSelectors)}, ${JSON.stringify(request.secrets)})`;
  try {
    // Chromium answers nothing for a page while it waits for its next document; a document that hangs is given up first.
    await request.inAllFrames(paint, request.timeoutMs / 4).catch(async () => {
      await chromium.call('Page.stopLoading', {}, sessionId, request.timeoutMs);
      await request.inAllFrames(paint, request.timeoutMs);
    });
  } catch {
    return { missing: 'painting over the fields that hold secrets could not be confirmed' };
  }
  try {
    const { data } = await chromium.call(
      'Page.captureScreenshot',
      { format: 'png', optimizeForSpeed: true },
      sessionId,
      request.timeoutMs,
    );
    const { default: sharp } = await import('sharp');
    const image = await sharp(Buffer.from(String(data), 'base64'))
      .resize({ width: widestPx, withoutEnlargement: true })
      .webp({ quality: 75 })
      .toBuffer();
    return { image, mediaType: 'image/webp' };
  } catch {
    return { missing: 'the page did not give a picture in time' };
  }
}

/** Runs in the page, shadow roots included. The image is painted at its source: no pixel of a secret leaves the browser. */
function paintOver(selectors: string[], secrets: string[]): number {
  let painted = 0;
  const cover = (element: Element) => {
    const { style } = element as HTMLElement;
    for (const property of ['color', '-webkit-text-fill-color', 'caret-color', 'text-shadow'])
      style.setProperty(property, 'transparent', 'important');
    style.setProperty('background', '#555', 'important');
    painted++;
  };
  const shows = (text: string) => secrets.some((secret) => secret.length >= 4 && text.includes(secret));
  const walk = (root: Document | ShadowRoot) => {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot) walk(element.shadowRoot);
      const isField = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
      if (isField && (element.type === 'password' || shows(element.value))) cover(element);
      else if (selectors.some((selector) => element.matches(selector))) cover(element);
      else if ([...element.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && shows(n.textContent ?? '')))
        cover(element);
    }
  };
  walk(document);
  return painted;
}
