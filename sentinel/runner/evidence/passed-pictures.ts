import type { EvidencePolicy, Run } from '../../protocol/messages.ts';
import type { Progress } from '../progress.ts';
import { type CameraSettings, develop, openCamera } from './camera.ts';
import type { EvidenceFile } from './evidence.ts';
import type { Pause, Pauses } from './pauses.ts';

export interface PassedPictures {
  /** Takes a picture of the latest page for the transaction that has just passed, unless enough were taken. */
  take(): Promise<void>;
  /** What was taken, each with its transaction's name. */
  files(): EvidenceFile[];
}

export interface PassedPictureSettings extends CameraSettings {
  policy: EvidencePolicy;
  progress: Pick<Progress, 'passed' | 'tests'>;
  latestPage(): string | undefined;
  pauses: Pauses;
  /** Whether the run has used so little of what it may use that it can take a picture beside its work. */
  hasRoom(): Promise<boolean>;
}

const most = 10;
/** For each of the four steps to a picture. */
const stepMs = 1000;
/** One that has waited so long, for whatever look at its pages, waits for no more pictures. */
const mostPausedUs = 5_000_000;

/** Takes pictures of transactions that passed, to be kept if all of the run does. */
export function openPassedPictures(settings: PassedPictureSettings): PassedPictures {
  const { policy, progress, latestPage, hasRoom, pauses } = settings;
  const camera = openCamera(settings);
  /** By test and name; a test without steps is a transaction that has no name yet. */
  const pictures = new Map<string, { test: number; name: string; content: Buffer }>();

  const picture = async (page: string) => {
    const png = await camera.glimpse(page, stepMs);
    return png && (await develop(png, policy).catch(() => undefined));
  };

  return {
    async take() {
      const [page, name, test] = [latestPage(), progress.passed, progress.tests.length];
      const key = `${test} ${name}`;
      if (page === undefined || name === undefined || pictures.has(key) || pictures.size >= most) return;
      if (pauses.us() > mostPausedUs) return;
      const content = await pauses.during(async () => ((await hasRoom()) ? picture(page) : undefined));
      if (content) pictures.set(key, { test, name, content });
    },
    files() {
      return [...pictures.values()].flatMap(({ test, name, content }) => {
        const transaction = name || progress.tests[test]?.transactions[0]?.name;
        return transaction ? [{ kind: 'screenshot' as const, mediaType: 'image/webp', content, transaction }] : [];
      });
    },
  };
}

/** The run with its times as they would be had it not waited for pictures. */
export function withoutPauses(run: Run, beganUs: number, pauses: readonly Pause[]): Run {
  const paused = (fromUs: number, toUs: number) =>
    pauses.reduce((sum, pause) => sum + Math.max(0, Math.min(toUs, pause.toUs) - Math.max(fromUs, pause.fromUs)), 0);
  const startUs = (us: number) => us - paused(beganUs, beganUs + us);
  const span = <T extends { startUs: number; durationUs: number }>(of: T): T => {
    const fromUs = beganUs + of.startUs;
    return { ...of, startUs: startUs(of.startUs), durationUs: of.durationUs - paused(fromUs, fromUs + of.durationUs) };
  };
  return {
    ...run,
    durationUs: run.durationUs - paused(beganUs, beganUs + run.durationUs),
    transactions: run.transactions.map((transaction) => ({
      ...span(transaction),
      ...(transaction.pageLoads
        ? { pageLoads: transaction.pageLoads.map((load) => ({ ...load, startUs: startUs(load.startUs) })) }
        : {}),
    })),
  };
}
