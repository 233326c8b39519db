import type { Monitor } from '../api/types.ts';
import { instant } from '../format.ts';
import { troubleSentence } from '../messages/messages.ts';
import { zone } from './Instant.tsx';
import { Shape } from './State.tsx';
import css from './Trouble.module.css';

/** What is wrong now, in a sentence; nothing when all is well. */
export function Trouble({ trouble }: { trouble: Monitor['trouble'] }) {
  if (!trouble) return null;
  const since = instant(trouble.since, zone, Date.now(), 'minutes');
  return (
    <p className={css.trouble}>
      <Shape kind="failed" size={10} />
      <span>
        {troubleSentence({ ...trouble, since })}.{' '}
        <code className={css.code} title={trouble.message ?? undefined}>
          {trouble.errorCode}
        </code>
      </span>
    </p>
  );
}
