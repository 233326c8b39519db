import { Button, Checkbox, NativeSelect, Popover } from '@mantine/core';
import { useState } from 'react';
import type { ServiceReport } from '../../api/types.ts';
import { count } from '../../format.ts';
import { messages } from '../../messages/messages.ts';
import { type ReportWish, templates } from '../../report-address.ts';
import { Icon } from '../Icon.tsx';
import css from './ReportChoice.module.css';
import { ReportPeriod } from './ReportPeriod.tsx';

const words = messages.reports.choose;

interface ReportChoiceProps {
  wish: ReportWish;
  /** The one that is shown, if it is there. */
  report: ServiceReport | undefined;
  onChoose(other: Partial<ReportWish>): void;
}

/** Which report, of what time, of which monitors and hours. */
export function ReportChoice({ wish, report, onChoose }: ReportChoiceProps) {
  return (
    <div className={`panel ${css.choice}`}>
      <fieldset className="chips">
        <legend className="hidden">{words.template}</legend>
        {templates.map((template) => (
          <button
            key={template}
            type="button"
            aria-pressed={wish.template === template}
            onClick={() => onChoose({ template })}
          >
            {messages.reports.templates[template].name}
          </button>
        ))}
      </fieldset>
      <div className={css.row}>
        <ReportPeriod wish={wish} report={report} onChoose={(period) => onChoose({ period })} />
        <Monitors wish={wish} report={report} onChoose={onChoose} />
        <NativeSelect
          size="xs"
          aria-label={words.hours.name}
          value={wish.hours}
          onChange={(event) => onChoose({ hours: event.currentTarget.value === 'business' ? 'business' : 'all' })}
          data={[
            { value: 'all', label: words.hours.all },
            { value: 'business', label: words.hours.business },
          ]}
        />
        <Checkbox
          size="xs"
          label={words.maintenance}
          checked={wish.maintenance === 'excluded'}
          onChange={(event) => onChoose({ maintenance: event.currentTarget.checked ? 'excluded' : 'included' })}
        />
      </div>
    </div>
  );
}

function Monitors({ wish, report, onChoose }: ReportChoiceProps) {
  const [opened, setOpened] = useState(false);
  const all = report?.monitors ?? [];
  const chosen = wish.monitors.length === 0 ? all.map(({ id }) => id) : wish.monitors;
  const isOfAll = wish.monitors.length === 0;
  const name = isOfAll ? words.allMonitors : words.someMonitors(count(chosen.length), count(all.length));
  const tagged = (tag: string) => all.filter(({ tags }) => tags.includes(tag)).map(({ id }) => id);
  const toggle = (id: string) => {
    const next = chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id];
    // None at all would be no report: then it is all again.
    onChoose({ monitors: next.length === all.length ? [] : next });
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" trapFocus>
      <Popover.Target>
        <button type="button" className={css.button} aria-expanded={opened} onClick={() => setOpened(!opened)}>
          {name}
          <Icon name="down" size={12} />
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <fieldset className={css.monitors}>
          <legend className="hidden">{words.monitors}</legend>
          <Checkbox
            size="xs"
            label={words.allMonitors}
            checked={isOfAll}
            indeterminate={!isOfAll}
            onChange={() => onChoose({ monitors: [] })}
          />
          {[...new Set(all.flatMap(({ tags }) => tags))].sort().map((tag) => (
            <Button
              key={tag}
              variant="subtle"
              size="compact-xs"
              justify="start"
              onClick={() => onChoose({ monitors: tagged(tag) })}
            >
              {words.tagged(tag)}
            </Button>
          ))}
          {all.map(({ id, name: monitor }) => (
            <Checkbox key={id} size="xs" label={monitor} checked={chosen.includes(id)} onChange={() => toggle(id)} />
          ))}
        </fieldset>
      </Popover.Dropdown>
    </Popover>
  );
}
