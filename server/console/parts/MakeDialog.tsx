import { Modal } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { words } from '../messages/messages.ts';

interface MakeDialogProps<Made> {
  title(made: Made | undefined): string;
  /** How wide what was made is shown. */
  size: 'lg' | 'xl';
  wish(onMade: (made: Made) => void): ReactNode;
  shown(made: Made): ReactNode;
  onClose(): void;
}

/** Asks what is wanted, and shows what was made of it this once: a click beside it closes it no more then. */
export function MakeDialog<Made>({ title, size, wish, shown, onClose }: MakeDialogProps<Made>) {
  const [made, setMade] = useState<Made>();
  return (
    <Modal
      opened
      onClose={onClose}
      title={title(made)}
      size={made ? size : 'md'}
      closeOnClickOutside={!made}
      closeButtonProps={{ 'aria-label': words.close }}
    >
      {made ? shown(made) : wish(setMade)}
    </Modal>
  );
}
