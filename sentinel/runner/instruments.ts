import type { Chromium } from './browser/chromium.ts';
import { clearClipboard } from './browser/clipboard.ts';
import { downloadFolders } from './browser/download-folders.ts';
import { openRelay, type Relay } from './browser/relay.ts';
import { uploads } from './browser/uploads.ts';
import type { Parties } from './conversation.ts';
import { type EvidenceTaker, openEvidence } from './evidence/evidence.ts';
import { secretPatterns } from './evidence/mask.ts';
import { openPassedPictures, type PassedPictures } from './evidence/passed-pictures.ts';
import { openPauses, type Pauses } from './evidence/pauses.ts';
import { monotonicUs } from './monotonic.ts';
import { openPageLoads, type PageLoads } from './pages/page-loads.ts';
import { type Listener, openRecorder, type Recorder } from './pages/recorder.ts';
import { type LimitWatch, most, tooMuchOnDisk } from './sandbox/limits.ts';

/** What a run has of its browser: the relay through which its child drives it, and what looks at the pages meanwhile. */
export interface Instruments {
  chromium: Chromium;
  recorder: Recorder;
  relay: Relay;
  evidence: EvidenceTaker;
  pictures: PassedPictures;
  /** When the run waited while its pages were looked at. */
  pauses: Pauses;
  pageLoads: PageLoads;
  /** Lets go of the browser, with every context of the run closed. */
  close(): Promise<void>;
}

export function openInstruments(chromium: Chromium, parties: Parties, limits: LimitWatch): Instruments {
  const { request, child, folders, progress, began } = parties;
  const downloads = downloadFolders(folders.scratch);
  const room = { bytes: most.diskBytes, files: most.files };
  const upload = uploads(folders.scratch, folders.uploads, room, () => limits.exceed(tooMuchOnDisk));
  const pageLoads = openPageLoads(monotonicUs);
  const listener: Listener = {
    marked: progress.marked,
    timed: pageLoads.timed,
    changed() {
      if (progress.pendingCalls > 0) child.channel.send({ kind: 'changed' });
    },
  };
  const recorder = openRecorder(chromium, listener, () => began.ms + (monotonicUs() - began.us) / 1000);
  const relay = openRelay({
    chromium,
    ahead: parties.takeAhead(chromium),
    files: {
      upload: (path) => (typeof path === 'string' ? upload(path) : undefined),
      downloadFolder: (path) => (typeof path === 'string' ? downloads.pathOf(path) : undefined),
    },
    toChild: (message) => child.channel.send({ kind: 'cdp', message }),
    onAttached(target) {
      recorder.attach(target);
      pageLoads.attach(target);
    },
    onDetached: recorder.detach,
    intercept(message) {
      pageLoads.hear(message);
      evidence.hear(message);
      return recorder.take(message);
    },
    onTooMuch: limits.exceed,
  });
  const evidence = openEvidence({
    chromium,
    recorder,
    latestPage: relay.latestPage,
    policy: request.evidence,
    pageTexts: request.pageTexts,
    maskSelectors: request.maskSelectors,
    secrets: Object.values(request.secrets),
  });
  const pauses = openPauses();
  const pictures = openPassedPictures({
    ...{ chromium, recorder, progress, pauses, latestPage: relay.latestPage, hasRoom: limits.hasRoom },
    ...{ policy: request.evidence, maskSelectors: request.maskSelectors },
    patterns: secretPatterns(Object.values(request.secrets)),
  });
  chromium.onEvent = relay.fromBrowser;
  const close = async () => {
    // A browser that does not confirm may still hold what this run opened: it is not given to another.
    const isClean = (await relay.close()) && (chromium.isShown || (await clearClipboard(chromium)));
    if (!isClean) await chromium.close();
    chromium.onEvent = () => {};
    downloads.close();
  };
  return { chromium, recorder, relay, evidence, pictures, pauses, pageLoads, close };
}
