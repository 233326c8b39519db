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
  const told = differences.map(
    ({ field, before, after }) => `    ${asConfigured(field)}: ${difference(field, before, after)}`,
  );
  return [head, ...told];
}

/** What a configuration calls a field. */
function asConfigured(field: string): string {
  return configured[field] ?? field.replace(/^policy\./, '');
}

const configured: Record<string, string> = {
  ...{ everyMs: 'schedule.every', cron: 'schedule.cron', hours: 'schedule.hours', timeZone: 'schedule.timeZone' },
  ...{
    timeoutMs: 'timeouts.run',
    'policy.testTimeoutMs': 'timeouts.test',
    'policy.expectTimeoutMs': 'timeouts.expect',
  },
  ...{ 'use.baseURL': 'baseURL', maskSelectors: 'mask', 'policy.confirmFailures': 'retries', managedBy: 'managed by' },
};

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
  if (field === 'policy.confirmFailures') return value === 'true' ? '1' : '0';
  return plain(field === 'text' ? value.slice(0, 12) : value);
}

function summary(news: readonly Change[]): string {
  const counts = Map.groupBy(news, ({ action }) => action);
  return [...counts].map(([action, all]) => `${all.length} ${action}`).join(', ');
}
