import { sentinelWords as say } from '../messages/messages.ts';
import css from './Tags.module.css';

/** What monitors choose by, as small labels; nothing where there is none. */
export function Tags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return null;
  return (
    <ul className={css.tags} aria-label={say.tags}>
      {tags.map((tag) => (
        <li key={tag}>{tag}</li>
      ))}
    </ul>
  );
}
