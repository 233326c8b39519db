import logo from '../logo.svg';
import { words } from '../messages/messages.ts';
import css from './Logo.module.css';

/** The mark, a sentry behind a chevron, and the name beside it. */
export function Logo({ size = 24 }: { size?: number }) {
  return (
    <span className={css.logo}>
      <img src={logo} width={size} height={size} alt="" />
      <span style={{ fontSize: Math.round(size * 0.68) }}>{words.product}</span>
    </span>
  );
}
