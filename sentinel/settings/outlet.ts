import type { Outlet } from '../link/push.ts';
import { noneOfWhatPassed, noTraces } from './narrow.ts';
import type { Settings } from './settings.ts';

const MiB = 1024 * 1024;
/** The part of a day's bytes that files may have: runs, which are small and count, still go when files wait. */
const shareOfFiles = 0.75;
/** Of files those that show what passed, of which there will be others: what shows failures still goes when they wait. */
const shareOfWhatPassed = 0.5;

/**
 * What may leave the device now, by the local settings. `sentToday` counts bytes since midnight; while it can't (undefined)
 * a limit holds files back.
 */
export function outletOf(settings: () => Settings, sentToday: () => number | undefined): Outlet {
  const room = (share: number): number => {
    const { mibPerDay } = settings();
    if (mibPerDay === undefined) return Number.POSITIVE_INFINITY;
    const sent = sentToday();
    if (sent === undefined) return share < 1 ? 0 : Number.POSITIVE_INFINITY;
    return mibPerDay * MiB * share - sent;
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
