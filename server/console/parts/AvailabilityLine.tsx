import { useMemo } from 'react';
import type { ResponseTimes } from '../api/types.ts';
import { share } from '../format.ts';
import { words } from '../messages/messages.ts';
import { timeline } from '../timeline.ts';
import css from './AvailabilityLine.module.css';
import { HourStrip } from './HourStrip.tsx';

interface LineProps {
  answer: ResponseTimes;
  /** Ends of the chart's axis above, in ms. */
  from: number;
  to: number;
  /** How far apart runs are, in ms. */
  dueMs: number;
  availability: number | null;
  href: string;
}

/** Whether runs passed over time, under the chart and to its scale. A click goes there. */
export function AvailabilityLine({ answer, from, to, dueMs, availability, href }: LineProps) {
  const { starts, strip, stepMs } = useMemo(
    () => timeline(answer.runs, { from, to }, dueMs),
    [answer.runs, from, to, dueMs],
  );
  return (
    <div className={css.line}>
      <p className={css.name}>
        {words.availability} <strong>{share(availability)}</strong>
      </p>
      <div className={css.strip}>
        <HourStrip strip={strip} starts={starts} stepMs={stepMs} href={href} name={words.availability} />
      </div>
    </div>
  );
}
