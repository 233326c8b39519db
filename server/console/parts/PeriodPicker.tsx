import { Button, Popover, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useHistoryState } from 'wouter/use-browser-location';
import { between } from '../format.ts';
import { bounds, type Period, readPeriod, type Span, spanNames, toLocalInput, writePeriod } from '../period.ts';
import { spanSentences, spanWords, words } from '../words.ts';
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

/** The period of the address, and the way to change it; `back`: one may want to go back from there. */
export function usePeriod(): [Period, (period: Period, how?: { back: boolean }) => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const set = (period: Period, { back } = { back: false }) => {
    const address = `${path}?${writePeriod(period, search)}`.replace(/\?$/, '');
    navigate(address, { state: back ? zoomState : null });
  };
  return [readPeriod(search), set];
}

/** Last hour, 6 h, 24 h, 7 days, 30 days or any other; lives in the address. Keys 1 to 5. */
export function PeriodPicker() {
  const [period, setPeriod] = usePeriod();
  return (
    <fieldset className={css.picker}>
      <legend className="hidden">{words.period}</legend>
      {spanNames.map((span, i) => (
        <SpanButton key={span} span={span} number={i + 1} period={period} onPick={setPeriod} />
      ))}
      <Custom period={period} onPick={setPeriod} />
    </fieldset>
  );
}

interface Pick {
  period: Period;
  onPick(period: Period): void;
}

function SpanButton({ span, number, period, onPick }: Pick & { span: Span; number: number }) {
  const pick = () => onPick({ kind: 'last', span });
  useKey(String(number), words.keyHelp.spans, pick);
  return (
    <button
      type="button"
      aria-pressed={period.kind === 'last' && period.span === span}
      aria-label={`${spanWords[span]}: ${spanSentences[span]}`}
      title={spanSentences[span]}
      onClick={pick}
    >
      {spanWords[span]}
    </button>
  );
}

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
