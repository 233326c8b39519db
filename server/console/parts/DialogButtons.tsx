import { Button } from '@mantine/core';
import { words } from '../messages/messages.ts';
import css from './Dialog.module.css';

interface DialogButtonsProps {
  /** What the form does, as a verb. */
  action: string;
  busy: boolean;
  /** Left out where the dialog's own cross is enough. */
  onCancel?(): void;
}

/** The foot of a dialog's form. */
export function DialogButtons({ action, busy, onCancel }: DialogButtonsProps) {
  return (
    <div className={css.buttons}>
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
