import { between, instant, utc } from '../format.ts';

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

/** From one instant to another (ms) in the viewer's zone; UTC on hover. */
export function Between({ from, to, className }: { from: number; to: number; className?: string }) {
  return (
    <span className={className} title={`${utc(from)} – ${utc(to)}`}>
      {between(from, to, zone, Date.now())}
    </span>
  );
}
