import type { RunDetail } from './api/types.ts';
import { words } from './messages/messages.ts';

type Run = Pick<RunDetail, 'outcome' | 'evidenceMissing' | 'restored'>;

/** Why a run has no screenshot, in a sentence. */
export function whyNoScreenshot({ outcome, evidenceMissing, restored }: Run): string {
  if (evidenceMissing) return evidenceMissing;
  if (outcome === 'passed' || outcome === 'skipped') return words.noScreenshotNeeded;
  return restored ? words.noScreenshotRestored : words.screenshotOnItsWay;
}
