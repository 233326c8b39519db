import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import type { Sentinel } from '../api/types.ts';
import { listed, messages } from '../messages/messages.ts';
import { type Draft, goneOf, isMeant } from '../monitor-draft.ts';
import { Choice } from './Choice.tsx';
import css from './MonitorFields.module.css';
import { Shape } from './State.tsx';

const say = messages.monitors;

interface SentinelFieldsProps {
  draft: Draft;
  onChange(change: Partial<Draft>): void;
  sentinels: readonly Sentinel[];
  /** That the script reads and nothing else gives; undefined as long as none is chosen. */
  secrets: readonly string[] | undefined;
}

/** Which sentinels run a monitor, and whether each has the secrets that the script reads. */
export function SentinelFields({ draft, onChange, sentinels, secrets }: SentinelFieldsProps) {
  if (sentinels.length === 0 && !draft.chosen) return <p className="muted">{say.noSentinels}</p>;
  const byLocation = Map.groupBy(sentinels, (sentinel) => sentinel.location);
  return (
    <>
      <Choice
        name={say.where}
        chosen={draft.chosen ? 'chosen' : 'all'}
        options={[
          ['all', say.whereKinds.all],
          ['chosen', say.whereKinds.chosen],
        ]}
        onPick={(kind) => onChange({ chosen: kind === 'chosen' })}
      />
      {!draft.chosen && <p className="muted small">{say.allHint}</p>}
      {secrets && <p className="muted small">{secrets.length === 0 ? say.needsNone : say.needs(listed(secrets))}</p>}
      {draft.chosen && (
        <p className="small" role="status">
          {say.meant(sentinels.filter((one) => isMeant(draft, one)).length, sentinels.length)}
        </p>
      )}
      {(draft.chosen || (secrets && secrets.length > 0)) && (
        <div className={css.locations}>
          {draft.chosen && <ByTag draft={draft} onChange={onChange} sentinels={sentinels} />}
          {[...byLocation].map(([location, own]) => (
            <Location
              key={location}
              location={location}
              own={own}
              draft={draft}
              onChange={onChange}
              secrets={secrets ?? []}
            />
          ))}
          {draft.chosen && <Gone draft={draft} onChange={onChange} sentinels={sentinels} />}
        </div>
      )}
    </>
  );
}

/** What is chosen and not there any more, to be taken out; it stays on the screen until the form is left. */
function Gone({ draft, onChange, sentinels }: Omit<SentinelFieldsProps, 'secrets'>) {
  const [before] = useState(draft);
  const both = (kind: 'names' | 'locations') => [...new Set([...before[kind], ...draft[kind]])];
  const gone = goneOf({ names: both('names'), locations: both('locations') }, sentinels);
  if (gone.names.length + gone.locations.length === 0) return null;
  return (
    <fieldset className={css.location}>
      <legend className={css.legend}>{say.gone}</legend>
      {(['names', 'locations'] as const).flatMap((kind) =>
        gone[kind].map((name) => (
          <Checkbox
            key={`${kind} ${name}`}
            label={kind === 'names' ? name : say.allOf(name)}
            checked={draft[kind].includes(name)}
            onChange={(event) => onChange({ [kind]: toggled(draft[kind], name, event.currentTarget.checked) })}
          />
        )),
      )}
      <p className="muted small">{say.goneHint}</p>
    </fieldset>
  );
}

/** All sentinels of a tag at once; nothing where no sentinel has any. */
function ByTag({ draft, onChange, sentinels }: Omit<SentinelFieldsProps, 'secrets'>) {
  const tags = [...new Set([...sentinels.flatMap((one) => one.tags), ...draft.sentinelTags])].sort();
  if (tags.length === 0) return null;
  return (
    <fieldset className={css.location}>
      <legend className={css.legend}>{say.byTag}</legend>
      <div className={css.tags}>
        {tags.map((tag) => (
          <Checkbox
            key={tag}
            label={say.withTag(tag, sentinels.filter((one) => one.tags.includes(tag)).length)}
            checked={draft.sentinelTags.includes(tag)}
            onChange={(event) =>
              onChange({ sentinelTags: toggled(draft.sentinelTags, tag, event.currentTarget.checked) })
            }
          />
        ))}
      </div>
      <p className="muted small">{say.byTagHint}</p>
    </fieldset>
  );
}

function toggled(list: readonly string[], name: string, on: boolean): string[] {
  return on ? [...list, name] : list.filter((one) => one !== name);
}

function Location(props: {
  location: string;
  own: readonly Sentinel[];
  draft: Draft;
  onChange(change: Partial<Draft>): void;
  secrets: readonly string[];
}) {
  const { location, own, draft, onChange, secrets } = props;
  return (
    <fieldset className={css.location}>
      <legend className={css.legend}>{location}</legend>
      {draft.chosen && (
        <Checkbox
          label={say.allOf(location)}
          checked={draft.locations.includes(location)}
          onChange={(event) => onChange({ locations: toggled(draft.locations, location, event.currentTarget.checked) })}
        />
      )}
      {own.map((sentinel) => (
        <div key={sentinel.id} className={css.sentinel}>
          {draft.chosen ? (
            <Checkbox
              label={sentinel.name}
              checked={isMeant(draft, sentinel) !== false}
              disabled={isMeant(draft, sentinel) === 'with others'}
              onChange={(event) =>
                onChange({ names: toggled(draft.names, sentinel.name, event.currentTarget.checked) })
              }
            />
          ) : (
            <span>{sentinel.name}</span>
          )}
          {secrets.length > 0 && <Secrets has={sentinel.secrets} needs={secrets} />}
        </div>
      ))}
    </fieldset>
  );
}

function Secrets({ has, needs }: { has: readonly string[] | null; needs: readonly string[] }) {
  const lacking = needs.filter((name) => !has?.includes(name));
  const [kind, text] =
    has === null
      ? (['noData', say.unsaid] as const)
      : lacking.length > 0
        ? (['degraded', say.lacks(listed(lacking))] as const)
        : (['up', say.has] as const);
  return (
    <span className={`muted small ${css.secrets}`}>
      <Shape kind={kind} size={9} /> {text}
    </span>
  );
}
