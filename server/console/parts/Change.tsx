import { changed } from '../format.ts';
import { change } from '../overview.ts';
import css from './Change.module.css';

/** `▲ 12 %`: by how much a time is longer than before; a small change is quiet. */
export function Change({ now, before }: { now: number | null; before: number | null }) {
  const part = change(now, before);
  const isLarge = part !== null && Math.abs(part) >= 0.1;
  return <span className={isLarge ? css[part > 0 ? 'longer' : 'shorter'] : 'faint'}>{changed(part)}</span>;
}
