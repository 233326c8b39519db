import { useRef, useState } from 'react';
import { sentinelWords as say } from '../messages/messages.ts';
import css from './CopyLine.module.css';
import { Icon } from './Icon.tsx';

type Copying = 'no' | 'done' | 'failed';
const told: Record<Copying, string> = { no: say.copy, done: say.copied, failed: say.copyFailed };

/** A line to paste elsewhere, whole, with the button that copies it. */
export function CopyLine({ text, label }: { text: string; label: string }) {
  const line = useRef<HTMLElement>(null);
  const [copying, setCopying] = useState<Copying>('no');
  const copy = () =>
    void navigator.clipboard.writeText(text).then(
      () => setCopying('done'),
      () => {
        if (line.current) window.getSelection()?.selectAllChildren(line.current);
        setCopying('failed');
      },
    );
  return (
    <fieldset className={css.line} aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long line scrolls in itself, by keyboard too */}
      <pre tabIndex={0}>
        <code ref={line}>{text}</code>
      </pre>
      <button type="button" onClick={copy} onBlur={() => setCopying('no')}>
        <Icon name={copying === 'done' ? 'check' : 'copy'} size={14} />
        <span aria-live="polite">{told[copying]}</span>
      </button>
    </fieldset>
  );
}
