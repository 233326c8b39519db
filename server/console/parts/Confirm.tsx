import { Button, Modal } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { ApiError } from '../api/client.ts';
import { say } from '../sentinel-words.ts';
import { words } from '../words.ts';
import css from './Dialog.module.css';

interface ConfirmProps {
  title: string;
  action: string;
  /** What can't be undone is red. */
  isFinal?: boolean;
  onConfirm(): Promise<unknown>;
  onClose(): void;
  /** What is said of a failure; the usual, unless given. */
  explain?: (error: unknown) => string;
  children: ReactNode;
}

/** Asks before something is done, does it, and closes; a failure is said here. */
export function Confirm({ title, action, isFinal = false, onConfirm, onClose, children, ...props }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const confirm = () => {
    setBusy(true);
    void onConfirm().then(onClose, (error: unknown) => {
      setProblem((props.explain ?? explain)(error));
      setBusy(false);
    });
  };
  return (
    <Modal opened onClose={onClose} title={title} size="md" closeButtonProps={{ 'aria-label': words.close }}>
      <div className={css.stack}>
        {problem && (
          <p role="alert" className={css.problem}>
            {problem}
          </p>
        )}
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

/** Why something could not be done, for a dialog. */
export function explain(error: unknown): string {
  if (!(error instanceof ApiError) || error.status === 0) return words.unreachable;
  if (error.code === 'MACHINE_GONE') return say.machineGone;
  return error.status === 403 ? say.onlyAdmins : words.serverFailed;
}
