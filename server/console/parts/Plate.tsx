import type { ReactNode } from 'react';
import { words } from '../messages/messages.ts';
import { Logo } from './Logo.tsx';
import css from './Plate.module.css';

/** A page with nothing on it but one thing to do, such as signing in. */
export function Plate({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  return (
    <main className={css.page}>
      <title>{`${title} · ${words.product}`}</title>
      <div className={css.brand}>
        <Logo size={32} />
        {lead && <p className="muted">{lead}</p>}
      </div>
      <div className={`panel ${css.plate}`}>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}
