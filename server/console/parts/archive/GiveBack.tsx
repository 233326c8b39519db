import { giveBack } from '../../api/archive-queries.ts';
import { utcMonth } from '../../archive-words.ts';
import { messages } from '../../messages/messages.ts';
import { Confirm } from '../Confirm.tsx';

const words = messages.archive;

/** Asks before a restored month is given back early. */
export function GiveBack({ customerId, month, onClose }: { customerId: string; month: string; onClose(): void }) {
  return (
    <Confirm
      title={words.giveBackTitle(utcMonth(month))}
      action={words.giveBack}
      onConfirm={() => giveBack(customerId, month)}
      onClose={onClose}
    >
      <p>{words.giveBackText}</p>
    </Confirm>
  );
}
