import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue } from 'react';
import { scheduleQuery } from '../api/monitor-queries.ts';
import type { ScheduleAnswer } from '../api/types.ts';
import { instant } from '../format.ts';
import { messages, plural } from '../messages/messages.ts';
import { type Draft, scheduleOf } from '../monitor-draft.ts';
import { Choice } from './Choice.tsx';
import { zone } from './Instant.tsx';
import css from './MonitorFields.module.css';

const say = messages.monitors;

interface ScheduleFieldsProps {
  customerId: string;
  draft: Draft;
  onChange(change: Partial<Draft>): void;
}

/** When a monitor runs, and the next times that come of it. */
export function ScheduleFields({ customerId, draft, onChange }: ScheduleFieldsProps) {
  const { data } = useQuery(scheduleQuery(customerId, useDeferredValue(scheduleOf(draft))));
  const isCron = draft.by === 'cron';
  return (
    <>
      <Choice
        name={say.by}
        chosen={draft.by}
        options={[
          ['interval', say.byKinds.interval],
          ['cron', say.byKinds.cron],
        ]}
        onPick={(by) => onChange({ by })}
      />
      <div className={css.pair}>
        {isCron ? (
          <TextInput
            label={say.cron}
            description={say.cronHint}
            value={draft.cron}
            onChange={(event) => onChange({ cron: event.currentTarget.value })}
          />
        ) : (
          <TextInput
            label={say.every}
            inputMode="decimal"
            value={draft.every}
            onChange={(event) => onChange({ every: event.currentTarget.value })}
          />
        )}
        <TextInput
          label={say.hours}
          description={say.hoursHint}
          placeholder={messages.samples.hours}
          value={draft.hours}
          onChange={(event) => onChange({ hours: event.currentTarget.value })}
        />
        {(isCron || draft.hours.trim() !== '') && (
          <TextInput
            label={say.timeZone}
            description={say.timeZoneHint}
            placeholder={data?.timeZone}
            value={draft.timeZone}
            onChange={(event) => onChange({ timeZone: event.currentTarget.value })}
          />
        )}
      </div>
      <Preview schedule={data} />
    </>
  );
}

function Preview({ schedule: data }: { schedule: ScheduleAnswer | undefined }) {
  if (!data) return <div className={css.preview} aria-busy="true" />;
  if (data.fault !== null)
    return (
      <p role="status" className={css.fault}>
        {data.fault}
      </p>
    );
  return (
    <div className={css.preview} role="status">
      <h3>{say.next}</h3>
      <ul className={css.times}>
        {data.next.map((at) => (
          <li key={at} title={instant(at, data.timeZone, Date.now(), 'minutes')}>
            {instant(at, zone, Date.now(), 'minutes')}
          </li>
        ))}
        {data.next.length === 0 && <li>{say.noNext}</li>}
      </ul>
      <p className="muted small">{say.nextHow(plural(data.runsPerWeek, 'run'))}</p>
    </div>
  );
}
