import { instant, utc } from '../format.ts';

/** The time zone of whoever is looking. */
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** An instant (ms) in the viewer's zone; UTC on hover. */
export function Instant({ at, precision = 'seconds' }: { at: number; precision?: 'minutes' | 'seconds' }) {
  return (
    <time className="nowrap" dateTime={new Date(at).toISOString()} title={utc(at)}>
      {instant(at, zone, Date.now(), precision)}
    </time>
  );
}
