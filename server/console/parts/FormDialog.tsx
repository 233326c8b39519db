import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { words } from '../messages/messages.ts';
import css from './Dialog.module.css';
import { DialogButtons } from './DialogButtons.tsx';
import { Problem } from './Problem.tsx';
import type { useSubmit } from './use-submit.ts';

interface FormDialogProps {
  title: string;
  size?: 'md' | 'lg';
  form: ReturnType<typeof useSubmit>;
  /** What the form does, as a verb. */
  action: string;
  onClose(): void;
  /** The fields. */
  children: ReactNode;
}

/** A form over the page, with what went wrong above its fields. */
export function FormDialog({ title, size = 'md', form, action, onClose, children }: FormDialogProps) {
  return (
    <Modal opened onClose={onClose} title={title} size={size} closeButtonProps={{ 'aria-label': words.close }}>
      <form className={css.stack} onSubmit={form.onSubmit} noValidate>
        <Problem text={form.problem} />
        {children}
        <DialogButtons action={action} busy={form.busy} onCancel={onClose} />
      </form>
    </Modal>
  );
}
