import { Button, Modal } from '@mantine/core';
import type { UserLink } from '../api/types.ts';
import { instant } from '../format.ts';
import { accountWords as say, words } from '../messages/messages.ts';
import { CopyLine } from './CopyLine.tsx';
import css from './Dialog.module.css';
import { zone } from './Instant.tsx';

/** A link, shown once, to be handed over by whatever way is safe. */
export function HandOver({ link, name, onClose }: { link: UserLink; name: string; onClose(): void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={say.handOver(name)}
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': words.close }}
    >
      <HandOverLink link={link} name={name} onDone={onClose} />
    </Modal>
  );
}

/** The same in a dialog that is open already. */
export function HandOverLink({ link, name, onDone }: { link: UserLink; name: string; onDone(): void }) {
  return (
    <div className={css.stack}>
      <CopyLine label={say.handOver(name)} text={location.origin + link.path} />
      <p>{say.handOverText(instant(link.expiresAt, zone, Date.now(), 'minutes'))}</p>
      <div className={css.buttons}>
        <Button onClick={onDone}>{say.done}</Button>
      </div>
    </div>
  );
}
