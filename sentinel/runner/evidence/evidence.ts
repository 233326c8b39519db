import { type EvidenceItem, type EvidencePolicy, maxAriaBytes, type PageFacts } from '../../protocol/messages.ts';
import type { CdpMessage, Pipe } from '../browser/pipe.ts';
import type { LookAt } from '../messages.ts';
import type { Recorder } from '../pages/recorder.ts';
import { ariaOf } from './aria.ts';
import { develop, openCamera, type Shot } from './camera.ts';
import { masker, secretPatterns } from './mask.ts';
import { pageNotes } from './page-facts.ts';

export interface EvidenceFile {
  kind: EvidenceItem['kind'];
  mediaType: string;
  content: Buffer;
  /** Of a picture of what passed. */
  transaction?: string;
}

/** What is kept of a run that went wrong. `missing`: what could not be taken, and why, a phrase each. */
export interface Evidence {
  files: EvidenceFile[];
  missing: string[];
  page: PageFacts | undefined;
  /** What was written where it was painted over: it may be in no other evidence either. */
  hidden: readonly string[];
}

export interface EvidenceTaker {
  /** Takes note of an event of one of the run's pages. */
  hear(message: CdpMessage): void;
  /**
   * Looks at the latest page as it stands, and leaves it so; what is seen takes the place of what was seen before, as far as
   * it succeeds. Of an error that ended a step and then its test it is what was seen in the step. Where the test goes on,
   * nothing that the page waits for is given up.
   */
  take(timeoutMs: number, at?: LookAt): Promise<void>;
  /** What a step threw was caught: what was seen of that is forgotten. */
  forgetCaught(): void;
  gathered(): Promise<Evidence>;
}

export interface EvidenceSettings {
  chromium: Pipe;
  recorder: Recorder;
  policy: EvidencePolicy;
  /** Left out, they are kept. */
  pageTexts: 'never' | undefined;
  maskSelectors: readonly string[];
  secrets: readonly string[];
  /** Session of the page the script opened last and that is still there. */
  latestPage(): string | undefined;
}

type Seen<T> = T | { missing: string };

const crashed = { missing: 'the page had crashed' };
const unpainted = { missing: 'painting over the fields that hold secrets could not be confirmed' };
/** Texts of painted elements that are looked for in other evidence; a selector may name half of the page. */
const mostHiddenTexts = 200;
const longestHidden = 300;

/** Takes evidence by the sentinel's own calls to the browser, whatever the child does meanwhile. */
export function openEvidence(settings: EvidenceSettings): EvidenceTaker {
  const { chromium, recorder, policy, secrets, latestPage } = settings;
  const keepsTexts = settings.pageTexts !== 'never';
  const camera = openCamera({ ...settings, patterns: secretPatterns(secrets) });
  const notes = pageNotes();
  const hidden = new Set<string>();
  let shot: Shot | undefined;
  let aria: Seen<{ text: string }> | undefined;
  let where: { url?: string; title?: string } = {};
  /** Whether what was seen is of an error that may be caught yet. */
  let mayBeCaught = false;
  let busy = Promise.resolve();

  const better = <T extends object>(before: Seen<T> | undefined, now: Seen<T>): Seen<T> =>
    'missing' in now && before ? before : now;

  const see = (picture: Shot, snapshot: Seen<{ text: string }>) => {
    if (policy.screenshot !== 'none') shot = better(shot, picture);
    if (keepsTexts) aria = better(aria, snapshot);
  };

  const forgetCaught = () => {
    if (mayBeCaught) [shot, aria, where, mayBeCaught] = [undefined, undefined, {}, false];
  };

  /** Whether the page was looked at when a step threw what has ended the test now. */
  const wasSeen = () => (shot ?? aria) !== undefined && shot !== unpainted && aria !== unpainted;

  const takeNow = async (timeoutMs: number, at: LookAt) => {
    if (at === 'end by a step' && mayBeCaught && wasSeen()) {
      mayBeCaught = false;
      return;
    }
    forgetCaught();
    mayBeCaught = at === 'throwing step';
    const goesOn = mayBeCaught || at === 'soft assertion';
    const page = latestPage();
    if (page === undefined) return;
    where = await whereOf(chromium, page, recorder, timeoutMs);
    if (recorder.hasCrashed(page)) return see(crashed, crashed);
    const texts = await camera.paint(page, timeoutMs, goesOn).catch(() => undefined);
    for (const text of texts ?? []) if (hidden.size < mostHiddenTexts && text.length <= longestHidden) hidden.add(text);
    const snapshot = texts && keepsTexts ? ariaOf(page, chromium, recorder, timeoutMs, masker(secrets)) : unpainted;
    see(policy.screenshot === 'none' || !texts ? unpainted : await camera.shoot(page, timeoutMs), await snapshot);
    const uncovered = camera.uncover(page, timeoutMs);
    if (texts) await uncovered; // else the page answers nothing, and has been waited for long enough
  };

  return {
    hear: notes.take,
    forgetCaught,
    take(timeoutMs, at = 'end') {
      busy = busy.then(() => takeNow(timeoutMs, at));
      return busy;
    },
    async gathered() {
      const mask = masker(secrets, [...hidden]);
      const page = keepsTexts ? notes.facts(where, mask) : undefined;
      const missing: string[] = keepsTexts ? [] : ['texts of pages are not kept here (the setting pageTexts)'];
      if (!shot && !aria && keepsTexts) return { files: [], missing: ['no page was open'], page, hidden: [] };
      const files: EvidenceFile[] = [];
      const add = (kind: EvidenceFile['kind'], mediaType: string, content: Seen<Buffer>) => {
        if (Buffer.isBuffer(content)) files.push({ kind, mediaType, content });
        else missing.push(content.missing);
      };
      if (shot) add('screenshot', 'image/webp', await developed(shot, policy));
      if (aria) add('aria', 'text/yaml', 'missing' in aria ? aria : yaml(mask(aria.text)));
      return { files, missing: [...new Set(missing)], page, hidden: [...hidden] };
    },
  };
}

async function developed(shot: Shot, policy: EvidencePolicy): Promise<Seen<Buffer>> {
  if ('missing' in shot) return shot;
  try {
    return (await develop(shot.png, policy)) ?? { missing: 'the picture of the page was too large' };
  } catch {
    return { missing: 'the picture of the page could not be read' };
  }
}

function yaml(text: string): Seen<Buffer> {
  const content = Buffer.from(text);
  return content.length <= maxAriaBytes ? content : { missing: 'the ARIA snapshot was too large' };
}

/** Asked of the browser, which knows it of a page that answers nothing too. */
async function whereOf(chromium: Pipe, page: string, recorder: Recorder, timeoutMs: number) {
  const targetId = recorder.targetsOf(page).find(({ sessionId }) => sessionId === page)?.targetId;
  const answer = await chromium.call('Target.getTargetInfo', { targetId }, undefined, timeoutMs).catch(() => ({}));
  const { url, title } = (answer as { targetInfo?: { url?: unknown; title?: unknown } }).targetInfo ?? {};
  return { ...(url ? { url: String(url) } : {}), ...(title ? { title: String(title) } : {}) };
}
