import { Kbd, Modal } from '@mantine/core';
import { words } from '../messages/messages.ts';
import css from './KeyHelp.module.css';
import { useBoundKeys } from './keys.ts';

/** The list of keys that work on this page. */
export function KeyHelp({ opened, onClose }: { opened: boolean; onClose(): void }) {
  const groups = Map.groupBy(useBoundKeys(), (binding) => binding.does);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={words.keys}
      size="sm"
      closeButtonProps={{ 'aria-label': words.close }}
    >
      <dl className={css.keys}>
        {[...groups].map(([does, bindings]) => (
          <div key={does}>
            <dt>{does}</dt>
            <dd>
              {bindings.map((binding) => (
                <Kbd key={binding.key}>{binding.key}</Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
