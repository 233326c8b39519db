import { styleText } from 'node:util';
import type { Outcome } from '../protocol/messages.ts';

/** `7.4 ms`, `412 ms`, `1.24 s`, `12.4 s`. */
export function time(us: number): string {
  const ms = us / 1000;
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  return `${(ms / 1000).toFixed(ms < 9995 ? 2 : 1)} s`;
}

type Style = Parameters<typeof styleText>[0];

const looks = {
  passed: { sign: '✓', style: 'green' },
  failed: { sign: '✗', style: 'red' },
  errored: { sign: '◆', style: 'magenta' },
  skipped: { sign: '–', style: 'gray' },
} as const satisfies Record<Outcome, { sign: string; style: Style }>;

/** An outcome's sign, or a word in its colour. */
export function inColour(outcome: Outcome, text: string = looks[outcome].sign): string {
  return styled(looks[outcome].style, text);
}

/** Colours show on a terminal only, and not where NO_COLOR is set. */
export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}
