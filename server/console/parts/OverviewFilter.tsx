import { TextInput } from '@mantine/core';
import { useRef } from 'react';
import type { MonitorState } from '../api/types.ts';
import { stateWords, words } from '../messages/messages.ts';
import { type Grouping, states, type View } from '../overview.ts';
import { Choice } from './Choice.tsx';
import { useKey } from './keys.ts';
import css from './OverviewFilter.module.css';
import { Shape } from './State.tsx';

interface FilterProps {
  view: View;
  counts: ReadonlyMap<MonitorState, number>;
  /** What there is more than one of, so that grouping by it says something. */
  offered: readonly Grouping[];
  onView(view: View): void;
}

/** What to show of the overview: by text (key /), by state, in which groups. */
export function OverviewFilter({ view, counts, offered, onView }: FilterProps) {
  const input = useRef<HTMLInputElement>(null);
  useKey('/', words.keyHelp.filter, () => input.current?.focus());
  const present = states.filter((state) => (counts.get(state) ?? 0) > 0 || state === view.state);
  return (
    <header className={`panel-head ${css.filter}`}>
      <TextInput
        ref={input}
        className={css.text ?? ''}
        type="search"
        size="xs"
        value={view.typed}
        onChange={(event) => onView({ ...view, typed: event.currentTarget.value })}
        onKeyDown={(event) => event.key === 'Escape' && input.current?.blur()}
        placeholder={words.overviewPage.filter}
        aria-label={words.overviewPage.filter}
        rightSection={<kbd className={css.key}>/</kbd>}
      />
      <fieldset className={`chips ${css.states}`}>
        <legend className="hidden">{words.overviewPage.states}</legend>
        {present.map((state) => (
          <button
            key={state}
            type="button"
            aria-pressed={view.state === state}
            onClick={() => onView({ ...view, state: view.state === state ? undefined : state })}
          >
            <Shape kind={state} size={10} />
            {counts.get(state)} {stateWords[state].toLowerCase()}
          </button>
        ))}
      </fieldset>
      {offered.length > 0 && (
        <Choice<Grouping>
          name={words.overviewPage.group}
          chosen={view.group}
          options={(['none', ...offered] as const).map((group) => [group, words.overviewPage.groups[group]])}
          onPick={(group) => onView({ ...view, group })}
        />
      )}
    </header>
  );
}
