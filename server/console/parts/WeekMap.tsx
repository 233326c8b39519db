import { useQuery } from '@tanstack/react-query';
import { memo } from 'react';
import { weekQuery } from '../api/queries.ts';
import type { Week } from '../api/types.ts';
import { between, duration, share } from '../format.ts';
import { words } from '../messages/messages.ts';
import type { Period } from '../period.ts';
import { Choice } from './Choice.tsx';
import { zone } from './Instant.tsx';
import { Bar, Loaded } from './Loaded.tsx';
import { Notice } from './Notice.tsx';
import { useParameter } from './parameter.ts';
import css from './WeekMap.module.css';

type Hour = Week['hours'][number];
const shownAs = ['p95', 'availability'] as const;

interface WeekProps {
  customerId: string;
  monitorId: string;
  /** Null: whole runs. */
  transaction: string | null;
  period: Period;
}

/** What the hours of the week are like: slow or failing ones stand out. */
export const WeekMap = memo(function WeekMap({ customerId, monitorId, transaction, period }: WeekProps) {
  const [as, setAs] = useParameter('map', shownAs);
  const query = useQuery(weekQuery(customerId, monitorId, period, transaction));
  return (
    <section className="panel below" aria-labelledby="week">
      <header className="panel-head">
        <h2 id="week">{words.week.title}</h2>
        <Choice
          name={words.week.title}
          chosen={as}
          options={shownAs.map((one) => [one, words.week.as[one]] as const)}
          onPick={setAs}
        />
      </header>
      <Loaded query={query} skeleton={<Bar width="100%" height={240} />}>
        {(answer) =>
          answer.hours.length === 0 ? (
            <Notice title={words.noRunsInPeriod} next={words.noRunsInPeriodNext} />
          ) : (
            <>
              <Hours answer={answer} as={as} />
              <p className={css.how}>
                {words.week.how(answer.timeZone, between(answer.period.from, answer.period.to, zone, Date.now()))}
              </p>
            </>
          )
        }
      </Loaded>
    </section>
  );
});

const Hours = memo(function Hours({ answer, as }: { answer: Week; as: (typeof shownAs)[number] }) {
  const byHour = new Map(answer.hours.map((hour) => [hour.weekday * 24 + hour.hour, hour]));
  const levelOf = as === 'p95' ? slowness(answer.hours) : failing;
  return (
    <div className="scroll">
      <table className={css.week}>
        <thead>
          <tr>
            <th>
              <span className="hidden">{words.week.day}</span>
            </th>
            {Array.from({ length: 24 }, (_, hour) => (
              <th key={words.week.hours[hour]} scope="col">
                {words.week.hours[hour]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {words.week.days.map((day, weekday) => (
            <tr key={day}>
              <th scope="row">{day}</th>
              {words.week.hours.map((name, hour) => (
                <Cell key={name} hour={byHour.get(weekday * 24 + hour)} as={as} levelOf={levelOf} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
});

interface CellProps {
  hour: Hour | undefined;
  as: (typeof shownAs)[number];
  levelOf(hour: Hour): number;
}

function Cell({ hour, as, levelOf }: CellProps) {
  if (!hour) return <td className={css.none} title={words.overviewPage.legendHours.none} />;
  const title = words.week.cell(share(hour.availability), duration(hour.p95Us), hour.passed, hour.failed);
  return (
    <td className="drawn" data-as={as} data-level={levelOf(hour)} title={title}>
      <span>{as === 'p95' ? duration(hour.p95Us) : share(hour.availability)}</span>
    </td>
  );
}

// By how much slower than the usual hour: one that is unusually quick or slow changes nothing for the others.
function slowness(hours: readonly Hour[]): (hour: Hour) => number {
  const times = hours.flatMap(({ p95Us }) => p95Us ?? []).sort((a, b) => a - b);
  const usual = times[Math.floor(times.length / 2)] ?? 1;
  return ({ p95Us }) => [1.1, 1.25, 1.5, 2].filter((limit) => (p95Us ?? 0) > limit * usual).length;
}

function failing({ availability }: Hour): number {
  const part = 1 - (availability ?? 1);
  return [0, 0.01, 0.05, 0.2].filter((limit) => part > limit).length;
}
