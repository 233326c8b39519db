import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { publishScript, scriptsQuery } from '../api/script-queries.ts';
import type { DraftWish } from '../api/types.ts';
import { Unfit } from '../explain.ts';
import { listed, messages } from '../messages/messages.ts';
import css from './Dialog.module.css';
import { FormDialog } from './FormDialog.tsx';
import type { DraftCheck } from './use-check.ts';
import { useSubmit } from './use-submit.ts';

const say = messages.scripts;

interface PublishDraftProps {
  customerId: string;
  draft: DraftWish;
  check: DraftCheck;
  /** The version with which it was begun. */
  follows: number | undefined;
  onPublished(): void;
  onClose(): void;
}

/** Says what publishing brings, asks why, publishes, and goes to the script's page. */
export function PublishDraft({ customerId, draft, check, follows, onPublished, onClose }: PublishDraftProps) {
  const [, navigate] = useLocation();
  const [unchanged, setUnchanged] = useState<number>();
  const { data } = useQuery(scriptsQuery(customerId));
  const name = draft.path.split('/').at(-1) ?? '';
  const known = data?.scripts.find((script) => script.name === name);
  const form = useSubmit(async (field) => {
    if (!/^.+\.spec\.[cm]?[jt]s$/.test(name)) throw new Unfit(say.nameMissing);
    const message = field('message').trim();
    const done = await publishScript(customerId, { ...draft, ...(message !== '' && { message }) });
    onPublished();
    if (done.unchanged) setUnchanged(done.version);
    else navigate(`/c/${customerId}/scripts/${encodeURIComponent(done.script)}`);
  });
  const secrets = check.secrets.length === 0 ? say.asksNoSecrets : say.asksSecrets(check.secrets.join(', '));
  return (
    <FormDialog
      title={say.publishTitle(name)}
      form={{ ...form, problem: unchanged === undefined ? form.problem : say.unchanged(unchanged) }}
      action={say.publish}
      onClose={onClose}
    >
      {known && follows !== undefined && known.latest.version > follows && (
        <p role="alert">{say.outrun(known.latest.version, known.latest.author, follows)}</p>
      )}
      <p>
        {say.publishText((known?.latest.version ?? 0) + 1)}{' '}
        {known && known.monitors.length > 0 && `${say.publishRuns(listed(known.monitors))} `}
        {say.asks(check.hosts.length === 0 ? say.noHosts : check.hosts.join(', '), secrets)}
      </p>
      <div className={css.field}>
        <TextInput name="message" label={say.message} maxLength={500} data-autofocus w="100%" />
        <p className={css.hint}>{say.messageHint}</p>
      </div>
    </FormDialog>
  );
}
