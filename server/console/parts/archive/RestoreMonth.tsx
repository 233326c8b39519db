import { Modal, PasswordInput, TextInput } from '@mantine/core';
import { wishMonth } from '../../api/archive-queries.ts';
import { utcMonth } from '../../archive-words.ts';
import { messages, words as product } from '../../messages/messages.ts';
import dialog from '../Dialog.module.css';
import { DialogButtons } from '../DialogButtons.tsx';
import { Problem } from '../Problem.tsx';
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
  const { problem, busy, onSubmit } = useSubmit(async (field) => {
    const identity = field('identity').trim();
    await wishMonth(customerId, month, { days: Number(field('days')), ...(identity !== '' && { identity }) });
    onClose();
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={words.restoreTitle(utcMonth(month))}
      closeButtonProps={{ 'aria-label': product.close }}
    >
      <form className={dialog.stack} onSubmit={onSubmit} noValidate>
        <Problem text={problem} />
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
        <DialogButtons action={words.restoreAction} busy={busy} onCancel={onClose} />
      </form>
    </Modal>
  );
}
