import { Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { enterCustomer } from '../api/access-queries.ts';
import { Unfit } from '../explain.ts';
import { type Stay, accessWords as say, stays } from '../messages/messages.ts';
import css from './Dialog.module.css';
import { FormDialog } from './FormDialog.tsx';
import { useSubmit } from './use-submit.ts';

interface EnterCustomerProps {
  customer: { id: string; name: string };
  onEntered(): void;
  onClose(): void;
}

/** Asks an operator why and for how long, and lets them in. */
export function EnterCustomer({ customer, onEntered, onClose }: EnterCustomerProps) {
  const form = useSubmit(async (field) => {
    const [reason, ticket] = [field('reason').trim(), field('ticket').trim()];
    if (reason.length < 5) throw new Unfit(say.reasonMissing);
    const wish = { reason, lifeMs: stays[field('stay') as Stay], mayChange: field('changes') !== '' };
    await enterCustomer(customer.id, { ...wish, ...(ticket !== '' && { ticket }) });
    onEntered();
  });
  return (
    <FormDialog title={say.enterTitle(customer.name)} form={form} action={say.enterAction} onClose={onClose}>
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
    </FormDialog>
  );
}
