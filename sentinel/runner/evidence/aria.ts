import { z } from 'zod';
import type { Pipe } from '../browser/pipe.ts';
import type { Recorder, Target } from '../pages/recorder.ts';
import { AxNode, ariaText, type FrameTree } from './aria-text.ts';

/** A tree of more could fill the sentinel; Chromium gives it whole or not at all. */
const mostElements = 10_000;
const mostFrames = 50;

interface Frame {
  frame: { id: string };
  childFrames?: Frame[] | undefined;
}
const Frame: z.ZodType<Frame> = z.object({
  frame: z.looseObject({ id: z.string() }),
  get childFrames() {
    return z.array(Frame).optional();
  },
});

/** The ARIA snapshot of a page with its frames, as text; a sentence in `missing` if there is none. `mask` is for `ariaText`. */
export async function ariaOf(
  page: string,
  chromium: Pipe,
  recorder: Recorder,
  timeoutMs: number,
  mask: (text: string) => string,
): Promise<{ text: string } | { missing: string }> {
  try {
    const counts = await recorder.inFramesOf(page, `document.getElementsByTagName('*').length`, timeoutMs);
    const elements = counts.reduce<number>((sum, count) => sum + Number(count), 0);
    if (elements > mostElements) return { missing: `the page has ${elements} elements, more than a snapshot may have` };
    const trees = await Promise.all(recorder.targetsOf(page).map((target) => treesOf(target, chromium, timeoutMs)));
    return { text: ariaText(trees.flat(), mask) };
  } catch {
    return { missing: 'the page did not tell in time what is on it' };
  }
}

/** The trees of all frames of one target. */
async function treesOf(target: Target, chromium: Pipe, timeoutMs: number): Promise<FrameTree[]> {
  const call = (method: string, params: object, session = target.sessionId) =>
    chromium.call(method, params, session, timeoutMs);
  const { frameTree } = await call('Page.getFrameTree', {});
  const frames = flat(Frame.parse(frameTree), target.isPage ? undefined : target.parent, target.sessionId);
  return Promise.all(
    frames.slice(0, mostFrames).map(async ({ id, ownerIn }) => {
      const { nodes } = await call('Accessibility.getFullAXTree', { frameId: id });
      const owner = ownerIn === undefined ? undefined : await call('DOM.getFrameOwner', { frameId: id }, ownerIn);
      return { owner: owner && Number(owner.backendNodeId), nodes: z.array(AxNode).parse(nodes) };
    }),
  );
}

/** Each frame with the session in which its owner lies. */
function flat(
  { frame, childFrames = [] }: Frame,
  ownerIn: string | undefined,
  session: string,
): { id: string; ownerIn: string | undefined }[] {
  return [{ id: frame.id, ownerIn }, ...childFrames.flatMap((child) => flat(child, session, session))];
}
