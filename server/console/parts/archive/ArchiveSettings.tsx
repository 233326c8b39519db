import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { setArchiveSettings } from '../../api/archive-queries.ts';
import type { ArchiveSettings } from '../../api/types.ts';
import { Unfit } from '../../explain.ts';
import { messages } from '../../messages/messages.ts';
import { FormDialog } from '../FormDialog.tsx';
import { useSubmit } from '../use-submit.ts';
import css from './ArchivePanels.module.css';

const words = messages.archive;

/** How long months stay, in sentences; administrators change it. */
export function ArchiveSettingsPanel(props: { customerId: string; settings: ArchiveSettings; mayChange: boolean }) {
  const { customerId, settings, mayChange } = props;
  const [changing, setChanging] = useState(false);
  const { monthsLive, hourMonths, eraseMonths } = settings;
  return (
    <section className="panel" aria-labelledby="settings">
      <header className="panel-head">
        <h2 id="settings">{words.settings}</h2>
        {mayChange && (
          <Button variant="default" size="compact-sm" onClick={() => setChanging(true)}>
            {words.change}
          </Button>
        )}
      </header>
      <ul className={css.told}>
        {words.settingsTold(monthsLive, hourMonths, eraseMonths).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {changing && <Change customerId={customerId} settings={settings} onClose={() => setChanging(false)} />}
    </section>
  );
}

function Change(props: { customerId: string; settings: ArchiveSettings; onClose(): void }) {
  const { customerId, settings, onClose } = props;
  const form = useSubmit(async (field) => {
    const erase = field('eraseMonths').trim();
    const eraseMonths = erase === '' ? null : whole(erase);
    const wish = { monthsLive: whole(field('monthsLive')), hourMonths: whole(field('hourMonths')), eraseMonths };
    await setArchiveSettings(customerId, wish);
    onClose();
  });
  const number = { inputMode: 'numeric', autoComplete: 'off' } as const;
  return (
    <FormDialog title={words.settings} form={form} action={words.save} onClose={onClose}>
      <TextInput
        {...number}
        name="monthsLive"
        label={words.monthsLive}
        description={words.monthsLiveHint}
        defaultValue={settings.monthsLive}
        data-autofocus
      />
      <TextInput
        {...number}
        name="hourMonths"
        label={words.hourMonths}
        description={words.hourMonthsHint}
        defaultValue={settings.hourMonths}
      />
      <TextInput
        {...number}
        name="eraseMonths"
        label={words.eraseMonths}
        description={words.eraseMonthsHint}
        defaultValue={settings.eraseMonths ?? ''}
      />
    </FormDialog>
  );
}

function whole(text: string): number {
  if (/^\d{1,4}$/.test(text.trim())) return Number(text);
  throw new Unfit(words.wrongMonths);
}
