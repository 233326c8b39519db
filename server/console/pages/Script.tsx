import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { overviewQuery } from '../api/queries.ts';
import { rollBack, versionsQuery } from '../api/script-queries.ts';
import type { ScriptVersion } from '../api/types.ts';
import { messages, plural, words } from '../messages/messages.ts';
import { AuthorsOnly } from '../parts/AuthorsOnly.tsx';
import { Confirm } from '../parts/Confirm.tsx';
import { Instant } from '../parts/Instant.tsx';
import { Loaded } from '../parts/Loaded.tsx';
import { ScriptSource } from '../parts/ScriptSource.tsx';
import { ScriptUse } from '../parts/ScriptUse.tsx';
import { PageSkeleton } from '../parts/Skeletons.tsx';
import { VersionTable } from '../parts/VersionTable.tsx';
import css from './Scripts.module.css';

const say = messages.scripts;

interface ScriptPageProps {
  customerId: string;
  script: string;
  mayChange: boolean;
}

/** One script: who runs it, all its versions, the text of each and what differs between two. */
export function ScriptPage(props: ScriptPageProps) {
  const query = useQuery(versionsQuery(props.customerId, props.script));
  return (
    <div className="page">
      <title>{`${props.script} · ${words.product}`}</title>
      <Loaded query={query} skeleton={<PageSkeleton height={240} />}>
        {({ versions }) => <Versions versions={versions} {...props} />}
      </Loaded>
    </div>
  );
}

function Versions({ versions, customerId, script, mayChange }: ScriptPageProps & { versions: ScriptVersion[] }) {
  const [chosen, choose] = useChosen();
  const [leaving, setLeaving] = useState<ScriptVersion>();
  const monitors = useMonitors(customerId, script);
  const [newest] = versions;
  if (!newest) return null;
  const shown = versions.find(({ version }) => version === chosen.version) ?? newest;
  const before = versions.find(({ version }) => version === chosen.compare);
  const signsHere = mayChange && !newest.byAuthorKey;
  return (
    <div className={css.stack}>
      <div className="page-head">
        <div>
          <p className="small">
            <Link href={`/c/${customerId}/scripts`}>{say.title}</Link>
          </p>
          <h1>{script}</h1>
          <p className="muted">
            {say.number(newest.version)}, <Instant at={newest.createdAt} precision="minutes" />{' '}
            {say.publishedBy(newest.author)}
          </p>
        </div>
        {signsHere && (
          <Button component={Link} href={`/c/${customerId}/scripts/${encodeURIComponent(script)}/edit`}>
            {say.edit}
          </Button>
        )}
      </div>
      {mayChange && newest.byAuthorKey && <AuthorsOnly />}
      <ScriptUse {...{ monitors, newest, customerId, script, mayChange }} />
      <VersionTable
        versions={versions}
        shown={shown.version}
        onShow={(version) => choose({ version })}
        onCompare={(version) => choose({ version: newest.version, compare: version })}
        {...(signsHere && { onRollBack: setLeaving })}
      />
      <ScriptSource
        key={script}
        customerId={customerId}
        script={script}
        shown={shown}
        before={before}
        versions={versions}
        onCompare={(compare) => choose({ version: shown.version, compare })}
      />
      {leaving && (
        <Confirm
          title={say.rollBackTitle(leaving.version)}
          action={say.rollBack}
          onConfirm={() => rollBack(customerId, script, leaving.version).then(() => choose({}))}
          onClose={() => setLeaving(undefined)}
        >
          <p>{say.rollBackText(leaving.version, newest.version + 1, runBy(monitors.length))}</p>
        </Confirm>
      )}
    </div>
  );
}

function runBy(monitors: number): string {
  return monitors === 0 ? say.rollBackNobody : say.rollBackMonitors(plural(monitors, 'monitor', 'monitors'));
}

function useMonitors(customerId: string, script: string) {
  const { data } = useQuery(overviewQuery(customerId));
  const named = new Map(data?.locations.map(({ id, name }) => [id, name]));
  return (data?.monitors ?? [])
    .filter((monitor) => monitor.script === script)
    .map((monitor) => ({
      ...monitor,
      at: monitor.places.map(({ locationId }) => named.get(locationId) ?? locationId),
    }));
}

interface Chosen {
  version?: number;
  compare?: number | undefined;
}

/** What is looked at stands in the address. */
function useChosen(): [Chosen, (chosen: Chosen) => void] {
  const query = new URLSearchParams(useSearch());
  const [path, navigate] = useLocation();
  const number = (name: string) => (query.has(name) ? { [name]: Number(query.get(name)) } : {});
  const choose = (chosen: Chosen) => {
    const wanted = Object.entries(chosen).flatMap(([name, value]) => (value === undefined ? [] : [[name, `${value}`]]));
    const next = new URLSearchParams(wanted).toString();
    navigate(next === '' ? path : `${path}?${next}`, { replace: true });
  };
  return [{ ...number('version'), ...number('compare') }, choose];
}
