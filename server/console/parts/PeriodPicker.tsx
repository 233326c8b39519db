import { Button, Popover, TextInput } from '@mantine/core';
import { type FormEvent, memo, useMemo, useState } from 'react';
import { navigate, useHistoryState, useLocationProperty } from 'wouter/use-browser-location';
import { between } from '../format.ts';
import { spanSentences, spanWords, words } from '../messages/messages.ts';
import {
  bounds,
  type Period,
  periodOf,
  readPeriod,
  type Span,
  spanNames,
  toLocalInput,
  writePeriod,
} from '../period.ts';
import { Icon } from './Icon.tsx';
import { zone } from './Instant.tsx';
import { useKey } from './keys.ts';
import css from './PeriodPicker.module.css';

const zoomState = { zoomed: true };

/** Whether one came here by zooming in, so that there is a way back. */
export function useZoomed(): boolean {
  const state = useHistoryState<unknown>();
  return typeof state === 'object' && state !== null && 'zoomed' in state;
}

/** The period of the address: the same object as long as it is the same period. */
export function usePeriod(): Period {
  const said = useLocationProperty(() => periodOf(window.location.search));
  return useMemo(() => readPeriod(said), [said]);
}

/** The period that the address tells at this moment, drawn or not. */
export function periodNow(): Period {
  return readPeriod(window.location.search);
}

/** Puts another period into the address; `back`: one may want to go back from there. */
export function setPeriod(period: Period, { back } = { back: false }): void {
  const { pathname, search } = window.location;
  navigate(`${pathname}?${writePeriod(period, search)}`.replace(/\?$/, ''), { state: back ? zoomState : null });
}

/** Last hour, 6 h, 24 h, 7 days, 30 days or any other; lives in the address. Keys 1 to 5. */
export function PeriodPicker() {
  const period = usePeriod();
  return (
    <fieldset className={css.picker}>
      <legend className="hidden">{words.period}</legend>
      {spanNames.map((span, i) => (
        <SpanButton key={span} span={span} number={i + 1} isChosen={period.kind === 'last' && period.span === span} />
      ))}
      <Custom period={period} onPick={setPeriod} />
    </fieldset>
  );
}

interface Pick {
  period: Period;
  onPick(period: Period): void;
}

const SpanButton = memo(function SpanButton(props: { span: Span; number: number; isChosen: boolean }) {
  const { span, number, isChosen } = props;
  const pick = () => setPeriod({ kind: 'last', span });
  useKey(String(number), words.keyHelp.spans, pick);
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      aria-label={`${spanWords[span]}: ${spanSentences[span]}`}
      title={spanSentences[span]}
      onClick={pick}
    >
      {spanWords[span]}
    </button>
  );
});

function Custom({ period, onPick }: Pick) {
  const [opened, setOpened] = useState(false);
  const chosen = period.kind === 'between';
  const text = chosen ? between(period.from, period.to, zone, Date.now()) : words.customPeriod;
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus withinPortal>
      <Popover.Target>
        <button type="button" aria-pressed={chosen} onClick={() => setOpened(!opened)}>
          <Icon name="calendar" size={14} />
          {text}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <CustomForm
          period={period}
          onPick={(next) => {
            setOpened(false);
            onPick(next);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function CustomForm({ period, onPick }: Pick) {
  const now = bounds(period, Date.now());
  const [from, setFrom] = useState(toLocalInput(now.from));
  const [to, setTo] = useState(toLocalInput(now.to));
  const backwards = !(Date.parse(from) < Date.parse(to));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!backwards) onPick({ kind: 'between', from: Date.parse(from), to: Date.parse(to) });
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <TextInput
        type="datetime-local"
        label={words.from}
        value={from}
        onChange={(e) => setFrom(e.currentTarget.value)}
        data-autofocus
      />
      <TextInput
        type="datetime-local"
        label={words.to}
        value={to}
        error={backwards ? words.periodBackwards : undefined}
        onChange={(e) => setTo(e.currentTarget.value)}
      />
      <Button type="submit" disabled={backwards}>
        {words.apply}
      </Button>
    </form>
  );
}
