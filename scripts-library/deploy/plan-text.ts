import { styleText } from 'node:util';
import { plain } from '../../sentinel/protocol/plain.ts';
import { inWords } from '../config/duration.ts';
import type { Change } from '../publish/deployment.ts';

const signs = { added: '+', changed: '~', retired: '-', unchanged: '=' } as const;
const colours = { added: 'green', changed: 'yellow', retired: 'red', unchanged: 'gray' } as const;

/** A plan as people read it: what changes and how, and how much stays. */
export function planText(changes: readonly Change[]): string {
  const news = changes.filter(({ action }) => action !== 'unchanged');
  const same = changes.length - news.length;
  if (news.length === 0) return `Nothing to change: what is there is as it should be (${same} unchanged).`;
  const lines = news.flatMap(linesOf);
  return [...lines, '', summary(news) + (same === 0 ? '' : `, ${same} unchanged`)].join('\n');
}

function linesOf({ kind, name, action, differences }: Change): string[] {
  const head = styleText(colours[action], `${signs[action]} ${kind} ${plain(name)}`, { stream: process.stdout });
  const told = action === 'added' ? differences.filter(({ field }) => field !== 'name') : differences;
  return [head, ...told.map(({ field, before, after }) => `    ${field}: ${difference(field, before, after)}`)];
}

function difference(field: string, before: string | null, after: string | null): string {
  const [was, is] = [shown(field, before), shown(field, after)];
  if (before === null) return is;
  return `${was} → ${is}`;
}

/** Times as people read them, hashes cut short. */
function shown(field: string, value: string | null): string {
  if (value === null || value === '') return '(none)';
  if (/Ms$/.test(field)) return inWords(Number(value));
  if (field.startsWith('thresholds.')) return inWords(Number(value) / 1000);
  return plain(field === 'text' ? value.slice(0, 12) : value);
}

function summary(news: readonly Change[]): string {
  const counts = Map.groupBy(news, ({ action }) => action);
  return [...counts].map(([action, all]) => `${all.length} ${action}`).join(', ');
}
