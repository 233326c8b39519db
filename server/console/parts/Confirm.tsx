import { Button, Modal } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { explain } from '../explain.ts';
import { words } from '../messages/messages.ts';
import css from './Dialog.module.css';
import { Problem } from './Problem.tsx';

interface ConfirmProps {
  title: string;
  action: string;
  /** What can't be undone is red. */
  isFinal?: boolean;
  onConfirm(): Promise<unknown>;
  onClose(): void;
  children: ReactNode;
}

/** Asks before something is done, does it, and closes; a failure is said here. */
export function Confirm({ title, action, isFinal = false, onConfirm, onClose, children }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const confirm = () => {
    setBusy(true);
    void onConfirm().then(onClose, (error: unknown) => {
      setProblem(explain(error));
      setBusy(false);
    });
  };
  return (
    <Modal opened onClose={onClose} title={title} size="md" closeButtonProps={{ 'aria-label': words.close }}>
      <div className={css.stack}>
        <Problem text={problem} />
        {children}
        <div className={css.buttons}>
          <Button variant="default" onClick={onClose} data-autofocus>
            {words.cancel}
          </Button>
          <Button loading={busy} onClick={confirm} {...(isFinal ? { className: css.final ?? '' } : {})}>
            {action}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
