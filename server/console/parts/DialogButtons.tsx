import { Button } from '@mantine/core';
import { words } from '../messages/messages.ts';
import css from './Dialog.module.css';

interface DialogButtonsProps {
  /** What the form does, as a verb. */
  action: string;
  busy: boolean;
  /** What is going on meanwhile, where it takes long enough to be read. */
  meanwhile?: string;
  /** Left out where the dialog's own cross is enough. */
  onCancel?(): void;
}

/** The foot of a dialog's form. */
export function DialogButtons({ action, busy, meanwhile, onCancel }: DialogButtonsProps) {
  return (
    <div className={css.buttons}>
      {meanwhile && (
        <p role="status" className={css.meanwhile}>
          {busy && meanwhile}
        </p>
      )}
      {onCancel && (
        <Button variant="default" onClick={onCancel}>
          {words.cancel}
        </Button>
      )}
      <Button type="submit" loading={busy}>
        {action}
      </Button>
    </div>
  );
}
