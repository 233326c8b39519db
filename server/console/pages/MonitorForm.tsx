import { Button, Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useId, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { addMonitor, saveMonitor, settingsQuery } from '../api/monitor-queries.ts';
import { sentinelsQuery } from '../api/queries.ts';
import { scriptsQuery } from '../api/script-queries.ts';
import type { MonitorForm, Scripts, Sentinel } from '../api/types.ts';
import { listed, messages, words } from '../messages/messages.ts';
import { type Draft, draftOf, newDraft, wishOf } from '../monitor-draft.ts';
import { Bar, Loaded } from '../parts/Loaded.tsx';
import css from '../parts/MonitorFields.module.css';
import { Notice } from '../parts/Notice.tsx';
import { Problem } from '../parts/Problem.tsx';
import { ScheduleFields } from '../parts/ScheduleFields.tsx';
import { SentinelFields } from '../parts/SentinelFields.tsx';
import { useSubmit } from '../parts/use-submit.ts';

const say = messages.monitors;

/** A monitor is made here. */
export function NewMonitorPage({ customerId }: { customerId: string }) {
  return (
    <div className="page">
      <Choices customerId={customerId} />
    </div>
  );
}

/** What a monitor runs is changed here. */
export function ChangeMonitorPage({ customerId, monitorId }: { customerId: string; monitorId: string }) {
  const settings = useQuery(settingsQuery(customerId, monitorId));
  return (
    <div className="page">
      <Loaded query={settings} skeleton={<Skeleton />}>
        {(before) => <Choices customerId={customerId} before={before} />}
      </Loaded>
    </div>
  );
}

/** The form, once it is known what there is to choose from. */
function Choices(props: { customerId: string; before?: MonitorForm }) {
  const scripts = useQuery(scriptsQuery(props.customerId));
  const sentinels = useQuery(sentinelsQuery(props.customerId));
  return (
    <Loaded query={scripts} skeleton={<Skeleton />}>
      {(published) => (
        <Loaded query={sentinels} skeleton={<Skeleton />}>
          {(found) => (
            <Form
              {...props}
              scripts={published.scripts}
              sentinels={found.sentinels.filter(({ state }) => state !== 'revoked')}
            />
          )}
        </Loaded>
      )}
    </Loaded>
  );
}

interface FormProps {
  customerId: string;
  scripts: Scripts;
  sentinels: readonly Sentinel[];
  /** The one that is changed. */
  before?: MonitorForm;
}

function Form({ customerId, scripts, sentinels, before }: FormProps) {
  const [, navigate] = useLocation();
  const wished = new URLSearchParams(useSearch()).get('script') ?? '';
  const [draft, setDraft] = useState<Draft>(before ? draftOf(before) : { ...newDraft, script: wished });
  const change = (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part }));
  const { problem, busy, onSubmit } = useSubmit(async () => {
    const wish = wishOf(draft, before);
    const id = before ? before.id : await addMonitor(customerId, wish);
    if (before) await saveMonitor(customerId, id, wish);
    navigate(`/c/${customerId}/monitors/${id}`);
  });
  const title = before ? say.changeOf(before.name) : say.add;
  if (scripts.length === 0 && !before) {
    return (
      <div className="panel">
        <Notice isPage title={say.noScripts} next={say.noScriptsNext} />
      </div>
    );
  }
  const script = scripts.find(({ name }) => name === draft.script);
  const given = new Set(draft.variables.split('\n').map((line) => line.split('=', 1)[0]?.trim()));
  return (
    <form className={css.form} onSubmit={onSubmit} noValidate>
      <title>{`${title} · ${words.product}`}</title>
      <div className="page-head">
        <h1>{title}</h1>
      </div>
      {before?.managedBy != null && <p className={css.note}>{say.managed(before.managedBy)}</p>}
      <Part title={say.what}>
        <WhatFields draft={draft} onChange={change} scripts={scripts} otherOptions={before?.otherOptions ?? []} />
      </Part>
      <Part title={say.when}>
        <ScheduleFields customerId={customerId} draft={draft} onChange={change} />
      </Part>
      <Part title={say.where}>
        <SentinelFields
          draft={draft}
          onChange={change}
          sentinels={sentinels}
          secrets={script?.latest.secrets.filter((name) => !given.has(name))}
        />
      </Part>
      <Part title={say.counts}>
        <CountFields draft={draft} onChange={change} transactions={before?.transactions ?? []} />
      </Part>
      <Part title={say.evidence}>
        <EvidenceFields draft={draft} onChange={change} />
      </Part>
      <Part title={say.values}>
        {script && script.latest.defaults.length > 0 && (
          <p className="muted small">{say.defaults(listed(script.latest.defaults))}</p>
        )}
        <Textarea
          className={css.mono ?? ''}
          label={say.variables}
          description={say.variablesHint}
          autosize={false}
          rows={3}
          value={draft.variables}
          onChange={(event) => change({ variables: event.currentTarget.value })}
        />
      </Part>
      <Problem text={problem} />
      <div className={css.buttons}>
        {before ? (
          <Checkbox
            label={say.paused}
            checked={draft.paused}
            onChange={(event) => change({ paused: event.currentTarget.checked })}
          />
        ) : (
          <span />
        )}
        <Button variant="default" component={Link} href={`/c/${customerId}/monitors${before ? `/${before.id}` : ''}`}>
          {words.cancel}
        </Button>
        <Button type="submit" loading={busy}>
          {before ? say.save : say.make}
        </Button>
      </div>
    </form>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section className="panel" aria-labelledby={id}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
      </header>
      <div className={css.body}>{children}</div>
    </section>
  );
}

interface Fields {
  draft: Draft;
  onChange(change: Partial<Draft>): void;
}

function WhatFields(props: Fields & { scripts: Scripts; otherOptions: readonly string[] }) {
  const { draft, onChange, scripts, otherOptions } = props;
  const script = scripts.find(({ name }) => name === draft.script);
  const names = scripts.map(({ name, latest }) => ({
    value: name,
    label: `${name}, ${say.scriptVersion(latest.version)}`,
  }));
  const reaches = script && (script.latest.hosts.length > 0 ? say.hosts(script.latest.hosts.join(', ')) : say.noHosts);
  return (
    <>
      <div className={css.pair}>
        <TextInput
          label={say.name}
          description={say.nameHint}
          maxLength={200}
          value={draft.name}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
        <NativeSelect
          label={say.script}
          description={reaches ?? say.chooseScript}
          value={draft.script}
          onChange={(event) => onChange({ script: event.currentTarget.value })}
          data={draft.script === '' ? [{ value: '', label: say.chooseScript }, ...names] : names}
        />
        <TextInput
          label={say.baseURL}
          description={say.baseURLHint}
          placeholder={messages.samples.address}
          value={draft.baseURL}
          onChange={(event) => onChange({ baseURL: event.currentTarget.value })}
        />
        <TextInput
          label={say.tags}
          description={say.tagsHint}
          value={draft.tags}
          onChange={(event) => onChange({ tags: event.currentTarget.value })}
        />
      </div>
      {otherOptions.length > 0 && <p className="muted small">{say.otherOptions(otherOptions.join(', '))}</p>}
    </>
  );
}

function CountFields({ draft, onChange, transactions }: Fields & { transactions: readonly string[] }) {
  return (
    <>
      <fieldset className={css.location}>
        <legend className={css.legend}>{say.thresholds}</legend>
        <div className={css.thresholds}>
          {['', ...transactions].map((name) => (
            <TextInput
              key={name}
              label={name || say.wholeRun}
              inputMode="decimal"
              value={draft.thresholds[name] ?? ''}
              onChange={(event) => onChange({ thresholds: { ...draft.thresholds, [name]: event.currentTarget.value } })}
            />
          ))}
        </div>
      </fieldset>
      <p className="muted small">{say.thresholdsHint}</p>
      <Checkbox
        label={say.confirm}
        checked={draft.confirmFailures}
        onChange={(event) => onChange({ confirmFailures: event.currentTarget.checked })}
      />
      <div className={css.pair}>
        <TextInput
          label={say.timeout}
          inputMode="decimal"
          value={draft.timeout}
          onChange={(event) => onChange({ timeout: event.currentTarget.value })}
        />
      </div>
    </>
  );
}

function EvidenceFields({ draft, onChange }: Fields) {
  return (
    <>
      <div className={css.pair}>
        <NativeSelect
          label={say.screenshot}
          value={draft.screenshot}
          onChange={(event) => onChange({ screenshot: event.currentTarget.value as Draft['screenshot'] })}
          data={Object.entries(say.screenshots).map(([value, label]) => ({ value, label }))}
        />
        <Textarea
          className={css.mono ?? ''}
          label={say.masks}
          description={say.masksHint}
          rows={2}
          value={draft.masks}
          onChange={(event) => onChange({ masks: event.currentTarget.value })}
        />
      </div>
      <Checkbox
        label={say.trace}
        checked={draft.trace}
        onChange={(event) => onChange({ trace: event.currentTarget.checked })}
      />
      {draft.screenshot !== 'none' && (
        <Checkbox
          label={say.whenPassed}
          checked={draft.whenPassed}
          onChange={(event) => onChange({ whenPassed: event.currentTarget.checked })}
        />
      )}
      <p className="muted small">{say.evidenceNote}</p>
    </>
  );
}

function Skeleton() {
  return (
    <div className={css.form}>
      <div className="page-head">
        <Bar width={240} height={28} />
      </div>
      {[180, 140, 160].map((height) => (
        <div key={height} className="panel">
          <div className={css.body}>
            <Bar width="100%" height={height} />
          </div>
        </div>
      ))}
    </div>
  );
}
