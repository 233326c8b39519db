import type { Outlet } from '../link/push.ts';
import { noneOfWhatPassed, noTraces } from './narrow.ts';
import type { Settings } from './settings.ts';

const MiB = 1024 * 1024;
/** The part of a day's bytes that files may have: runs, which are small and count, still go when files wait. */
const shareOfFiles = 0.75;
/** Of files those that show what passed, of which there will be others: what shows failures still goes when they wait. */
const shareOfWhatPassed = 0.5;

/** What may leave the device now, by the local settings. `sentToday` counts bytes since midnight. */
export function outletOf(settings: () => Settings, sentToday: () => number): Outlet {
  const room = (share: number): number => {
    const { mibPerDay } = settings();
    return mibPerDay === undefined ? Number.POSITIVE_INFINITY : mibPerDay * MiB * share - sentToday();
  };
  return {
    roomForRuns: () => room(1),
    roomForFile: ({ whenPassed }) => room(whenPassed ? shareOfWhatPassed : shareOfFiles),
    unwanted({ mediaType, whenPassed }) {
      if (whenPassed) return noneOfWhatPassed(settings());
      if (mediaType === 'application/zip') return noTraces(settings());
      const setting = mediaType.startsWith('image/') ? 'screenshots' : 'pageTexts';
      return settings()[setting] === 'never' ? setting : undefined;
    },
  };
}
