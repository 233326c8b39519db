import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { overviewQuery, sentinelsQuery } from '../api/queries.ts';
import { tryDraft } from '../api/script-queries.ts';
import type { DraftWish, Sentinel } from '../api/types.ts';
import { Unfit } from '../explain.ts';
import { messages, sentinelStates } from '../messages/messages.ts';
import { EarlierTrials } from './EarlierTrials.tsx';
import { Problem } from './Problem.tsx';
import { TrialResult } from './TrialResult.tsx';
import css from './TryDraft.module.css';
import type { DraftCheck } from './use-check.ts';
import { useSubmit } from './use-submit.ts';

const say = messages.scripts;

interface TryDraftProps {
  customerId: string;
  draft: DraftWish;
  check: DraftCheck;
}

/** Has a sentinel of one's choice run the draft once, and shows what comes of it. */
export function TryDraft({ customerId, draft, check }: TryDraftProps) {
  const sentinels = useSentinels(customerId);
  const monitors = useMonitors(customerId, draft);
  const [chosen, choose] = useState<string>();
  const [trialId, setTrialId] = useState<string>();
  const monitorId = chosen ?? monitors[0]?.id ?? '';
  const { problem, busy, onSubmit } = useSubmit(async (field) => {
    const baseURL = field('baseURL').trim();
    const variables = readVariables(field('variables'));
    const how = monitorId === '' ? { ...(baseURL !== '' && { baseURL }), variables } : { monitorId };
    setTrialId(await tryDraft(customerId, { ...draft, sentinelId: field('sentinel'), ...how }));
  });
  return (
    <>
      <section className="panel" aria-labelledby="try">
        <header className="panel-head">
          <h2 id="try">{say.tryTitle}</h2>
        </header>
        <form className={css.form} onSubmit={onSubmit} noValidate>
          <p className={`muted ${css.wide}`}>{sentinels.length === 0 ? say.noSentinels : say.tryLead}</p>
          <div className={css.wide}>
            <Problem text={problem} />
          </div>
          <NativeSelect
            name="sentinel"
            label={say.sentinel}
            data={sentinels.map(({ id, name, location, state }) => ({
              value: id,
              label: `${name}, ${location}: ${sentinelStates[state]}`,
            }))}
          />
          <NativeSelect
            label={say.settingsOf}
            value={monitorId}
            onChange={(event) => choose(event.currentTarget.value)}
            data={[
              ...monitors.map(({ id, name }) => ({ value: id, label: name })),
              { value: '', label: say.settingsOfNone },
            ]}
          />
          {monitorId === '' && (
            <TextInput name="baseURL" type="url" label={say.baseUrl} placeholder={messages.samples.address} />
          )}
          {monitorId === '' && check.secrets.length > 0 && (
            <Textarea
              className={css.wide ?? ''}
              name="variables"
              label={say.variables}
              description={say.variablesHint}
              autosize
              minRows={2}
              spellCheck={false}
            />
          )}
          <Button type="submit" variant="default" loading={busy} disabled={!check.isFine || sentinels.length === 0}>
            {say.try}
          </Button>
        </form>
      </section>
      <EarlierTrials customerId={customerId} script={scriptOf(draft)} shown={trialId} onShow={setTrialId} />
      {trialId !== undefined && <TrialResult key={trialId} customerId={customerId} trialId={trialId} />}
    </>
  );
}

/** `NAME=value`, one a line. */
function readVariables(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^\s*(\w+)\s*=(.*)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Unfit(say.variablesUnfit(line));
      return [name, value.trim()];
    }),
  );
}

/** Those that can be asked, connected ones first. */
function useSentinels(customerId: string): Sentinel[] {
  const { data } = useQuery(sentinelsQuery(customerId));
  const isAway = ({ state }: Sentinel) => (state === 'connected' || state === 'problems' ? 0 : 1);
  return (data?.sentinels ?? [])
    .filter(({ state }) => state !== 'revoked')
    .toSorted((a, b) => isAway(a) - isAway(b) || a.name.localeCompare(b.name));
}

/** Those of the same script first: the draft is to run as they do. */
function useMonitors(customerId: string, draft: DraftWish): { id: string; name: string }[] {
  const { data } = useQuery(overviewQuery(customerId));
  return (data?.monitors ?? []).filter(({ script }) => script === scriptOf(draft));
}

/** What monitors know it by. */
function scriptOf({ path }: DraftWish): string {
  return path.split('/').at(-1) ?? path;
}
