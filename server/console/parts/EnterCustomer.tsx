import { Button, Checkbox, Modal, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { type Stay, say, stays } from '../access-words.ts';
import { enterCustomer } from '../api/access-queries.ts';
import { words } from '../words.ts';
import { explain } from './Confirm.tsx';
import css from './Dialog.module.css';

interface EnterCustomerProps {
  customer: { id: string; name: string };
  onEntered(): void;
  onClose(): void;
}

/** Asks an operator why and for how long, and lets them in. */
export function EnterCustomer({ customer, onEntered, onClose }: EnterCustomerProps) {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [reason, ticket] = [String(form.get('reason')).trim(), String(form.get('ticket')).trim()];
    if (reason.length < 5) return setProblem(say.reasonMissing);
    setBusy(true);
    const wish = { reason, lifeMs: stays[String(form.get('stay')) as Stay], mayChange: form.has('changes') };
    await enterCustomer(customer.id, { ...wish, ...(ticket !== '' && { ticket }) }).then(
      onEntered,
      (error: unknown) => {
        setProblem(explain(error));
        setBusy(false);
      },
    );
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={say.enterTitle(customer.name)}
      size="md"
      closeButtonProps={{ 'aria-label': words.close }}
    >
      <form className={css.stack} onSubmit={(event) => void submit(event)} noValidate>
        {problem && (
          <p role="alert" className={css.problem}>
            {problem}
          </p>
        )}
        <p className="muted">{say.enterLead}</p>
        <div className={css.field}>
          <Textarea name="reason" label={say.reason} autosize minRows={2} maxLength={500} data-autofocus w="100%" />
          <p className={css.hint}>{say.reasonHint}</p>
        </div>
        <div className={css.pair}>
          <TextInput name="ticket" label={say.ticket} maxLength={100} />
          <NativeSelect name="stay" label={say.time} data={Object.keys(stays)} defaultValue="1 hour" />
        </div>
        <Checkbox name="changes" label={say.mayChange} description={say.mayChangeHint} />
        <div className={css.buttons}>
          <Button variant="default" onClick={onClose}>
            {words.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {say.enterAction}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
