import { Modal, TextInput } from '@mantine/core';
import { addArchiveKey } from '../../api/archive-queries.ts';
import { Unfit } from '../../explain.ts';
import { messages, words as product } from '../../messages/messages.ts';
import dialog from '../Dialog.module.css';
import { DialogButtons } from '../DialogButtons.tsx';
import { Problem } from '../Problem.tsx';
import { useSubmit } from '../use-submit.ts';

const words = messages.archive;

/** Asks who keeps a key, and makes it: then it waits on the page to be kept. One that was made elsewhere is only named. */
export function AddArchiveKey({ customerId, loss, onClose }: { customerId: string; loss: string; onClose(): void }) {
  const { problem, busy, onSubmit } = useSubmit(async (field) => {
    const [name, recipient] = [field('name').trim(), field('recipient').trim()];
    if (name === '') throw new Unfit(words.nameMissing);
    await addArchiveKey(customerId, { name, ...(recipient !== '' && { recipient }) });
    onClose();
  });
  return (
    <Modal opened onClose={onClose} title={words.addTitle} closeButtonProps={{ 'aria-label': product.close }}>
      <form className={dialog.stack} onSubmit={onSubmit} noValidate>
        <Problem text={problem} />
        <p className="muted">{loss}</p>
        <TextInput name="name" label={words.addName} description={words.addNameHint} maxLength={100} data-autofocus />
        <TextInput
          name="recipient"
          label={words.addRecipient}
          description={words.addRecipientHint}
          autoComplete="off"
          spellCheck={false}
        />
        <DialogButtons action={words.make} busy={busy} onCancel={onClose} />
      </form>
    </Modal>
  );
}
