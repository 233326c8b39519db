import { TextInput } from '@mantine/core';
import { addArchiveKey } from '../../api/archive-queries.ts';
import { Unfit } from '../../explain.ts';
import { messages } from '../../messages/messages.ts';
import { FormDialog } from '../FormDialog.tsx';
import { useSubmit } from '../use-submit.ts';

const words = messages.archive;

/** Asks who keeps a key, and makes it: then it waits on the page to be kept. One that was made elsewhere is only named. */
export function AddArchiveKey({ customerId, loss, onClose }: { customerId: string; loss: string; onClose(): void }) {
  const form = useSubmit(async (field) => {
    const [name, recipient] = [field('name').trim(), field('recipient').trim()];
    if (name === '') throw new Unfit(words.nameMissing);
    await addArchiveKey(customerId, { name, ...(recipient !== '' && { recipient }) });
    onClose();
  });
  return (
    <FormDialog title={words.addTitle} form={form} action={words.make} onClose={onClose}>
      <p className="muted">{loss}</p>
      <TextInput name="name" label={words.addName} description={words.addNameHint} maxLength={100} data-autofocus />
      <TextInput
        name="recipient"
        label={words.addRecipient}
        description={words.addRecipientHint}
        autoComplete="off"
        spellCheck={false}
      />
    </FormDialog>
  );
}
