import { Button, Popover, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { ServiceReport } from '../../api/types.ts';
import { around, daysOf, isPeriod, moved, periodName, today, unitOf } from '../../calendar.ts';
import { messages } from '../../messages/messages.ts';
import type { ReportWish } from '../../report-address.ts';
import { Icon } from '../Icon.tsx';
import { zone } from '../Instant.tsx';
import css from './ReportPeriod.module.css';

const words = messages.reports.choose;

interface ReportPeriodProps {
  wish: ReportWish;
  report: ServiceReport | undefined;
  onChoose(period: string): void;
}

/** Of what time: the month before or after with one click, and any other. Days are the customer's, not the viewer's. */
export function ReportPeriod({ wish, report, onChoose }: ReportPeriodProps) {
  const day = today(report?.timeZone ?? zone, Date.now());
  const thisMonth = around(day, 'month');
  const lastMonth = moved(thisMonth, -1);
  const asked = wish.period ?? report?.calendarPeriod ?? lastMonth;
  const shown = isPeriod(asked) ? asked : lastMonth;
  const chips = [
    [words.periods.thisMonth, thisMonth],
    [words.periods.lastMonth, lastMonth],
    [words.periods.quarter, around(daysOf(shown).first, 'quarter')],
    [words.periods.year, around(daysOf(shown).first, 'year')],
  ] as const;
  return (
    <div className={css.period}>
      <div className={css.stepper}>
        <button type="button" aria-label={words.earlier} onClick={() => onChoose(moved(shown, -1))}>
          <Icon name="left" size={14} />
        </button>
        <span className={css.name}>{periodName(shown)}</span>
        <button
          type="button"
          aria-label={words.later}
          disabled={daysOf(moved(shown, 1)).first > day}
          onClick={() => onChoose(moved(shown, 1))}
        >
          <Icon name="right" size={14} />
        </button>
      </div>
      <fieldset className="chips">
        <legend className="hidden">{words.period}</legend>
        {chips.map(([name, period]) => (
          <button key={name} type="button" aria-pressed={shown === period} onClick={() => onChoose(period)}>
            {name}
          </button>
        ))}
        <Days shown={shown} isChosen={unitOf(shown) === 'days'} onChoose={onChoose} />
      </fieldset>
    </div>
  );
}

function Days({ shown, isChosen, onChoose }: { shown: string; isChosen: boolean; onChoose(period: string): void }) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" trapFocus>
      <Popover.Target>
        <button type="button" aria-pressed={isChosen} aria-expanded={opened} onClick={() => setOpened(!opened)}>
          {words.periods.days}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <DaysForm
          shown={shown}
          onChoose={(period) => {
            setOpened(false);
            onChoose(period);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function DaysForm({ shown, onChoose }: { shown: string; onChoose(period: string): void }) {
  const [first, setFirst] = useState(daysOf(shown).first);
  const [last, setLast] = useState(daysOf(shown).last);
  const isBackwards = !(first <= last && first !== '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isBackwards) onChoose(`${first}..${last}`);
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <TextInput
        type="date"
        label={words.firstDay}
        value={first}
        onChange={(event) => setFirst(event.currentTarget.value)}
        data-autofocus
      />
      <TextInput
        type="date"
        label={words.lastDay}
        value={last}
        error={isBackwards ? words.backwards : undefined}
        onChange={(event) => setLast(event.currentTarget.value)}
      />
      <Button type="submit" disabled={isBackwards}>
        {words.apply}
      </Button>
    </form>
  );
}
