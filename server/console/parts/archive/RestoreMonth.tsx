import { PasswordInput, TextInput } from '@mantine/core';
import { wishMonth } from '../../api/archive-queries.ts';
import { utcMonth } from '../../archive-words.ts';
import { messages } from '../../messages/messages.ts';
import { FormDialog } from '../FormDialog.tsx';
import { useSubmit } from '../use-submit.ts';

const words = messages.archive;

interface RestoreMonthProps {
  customerId: string;
  month: string;
  /** The provider keeps a copy of a key. */
  hasCopy: boolean;
  onClose(): void;
}

/** Asks for a month to be brought back: with what opens it, unless a copy of that is kept. */
export function RestoreMonth({ customerId, month, hasCopy, onClose }: RestoreMonthProps) {
  const form = useSubmit(async (field) => {
    const identity = field('identity').trim();
    await wishMonth(customerId, month, { days: Number(field('days')), ...(identity !== '' && { identity }) });
    onClose();
  });
  return (
    <FormDialog title={words.restoreTitle(utcMonth(month))} form={form} action={words.restoreAction} onClose={onClose}>
      <p>{words.restoreText}</p>
      <PasswordInput
        name="identity"
        label={words.restoreIdentity}
        description={hasCopy ? words.restoreCopyHint : words.restoreIdentityHint}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': words.show.replace('…', '') }}
        data-autofocus
      />
      <TextInput name="days" type="number" min={1} max={31} label={words.restoreDays} defaultValue={7} />
    </FormDialog>
  );
}
