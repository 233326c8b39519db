import { Button, Checkbox, Modal } from '@mantine/core';
import { useState } from 'react';
import { keepIdentity, showIdentity } from '../../api/archive-queries.ts';
import type { ArchiveKey } from '../../api/types.ts';
import { explain, Unfit } from '../../explain.ts';
import { messages, words as product } from '../../messages/messages.ts';
import { CopyLine } from '../CopyLine.tsx';
import dialog from '../Dialog.module.css';
import { DialogButtons } from '../DialogButtons.tsx';
import { Problem } from '../Problem.tsx';
import { useSubmit } from '../use-submit.ts';
import css from './ArchivePanels.module.css';

const words = messages.archive;

interface WaitingKeyProps {
  customerId: string;
  archiveKey: ArchiveKey;
  /** What loss means. */
  loss: string;
}

/** Says that a key waits for whoever keeps it, and shows what opens it until they have confirmed that they do. */
export function WaitingKey({ customerId, archiveKey, loss }: WaitingKeyProps) {
  const [identity, setIdentity] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const show = () =>
    void showIdentity(customerId, archiveKey.recipient).then(
      (shown) => setIdentity(shown.identity),
      (error: unknown) => setProblem(explain(error)),
    );
  return (
    <section className={`panel ${css.waiting}`} aria-label={words.waitsTitle}>
      <div>
        <h2>{words.waitsTitle}</h2>
        <p className="muted">
          {archiveKey.name}. {words.waitsNext}
        </p>
        <Problem text={problem} />
      </div>
      <Button onClick={show}>{words.show}</Button>
      {identity !== undefined && (
        <Modal
          opened
          onClose={() => setIdentity(undefined)}
          title={words.handOverTitle}
          size="lg"
          closeOnClickOutside={false}
          closeButtonProps={{ 'aria-label': product.close }}
        >
          <Keeping customerId={customerId} recipient={archiveKey.recipient} identity={identity} loss={loss} />
        </Modal>
      )}
    </section>
  );
}

function Keeping(props: { customerId: string; recipient: string; identity: string; loss: string }) {
  const { customerId, recipient, identity, loss } = props;
  const { problem, busy, onSubmit } = useSubmit(async (field) => {
    if (field('kept') === '') throw new Unfit(words.keepFirst);
    await keepIdentity(customerId, recipient, field('copy') !== '');
  });
  const file = `data:text/plain,${encodeURIComponent(`# public key: ${recipient}\n${identity}\n`)}`;
  return (
    <form className={dialog.stack} onSubmit={onSubmit} noValidate>
      <Problem text={problem} />
      <p>{loss}</p>
      <CopyLine text={identity} label={words.identity} />
      <p>
        <a href={file} download="archive.identity">
          {words.download}
        </a>
      </p>
      <Checkbox name="copy" label={words.agreeCopy} description={words.agreeCopyHint} />
      <Checkbox name="kept" label={words.iKeepIt} />
      <DialogButtons action={words.keep} busy={busy} />
    </form>
  );
}
