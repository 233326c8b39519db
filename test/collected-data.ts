import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CollectedMessage, collected } from '../sentinel/protocol/collected.ts';

/*
 * sentinel/COLLECTED-DATA.md: what a sentinel can send, made from the schemas of its messages, with a dated history that
 * adds up to exactly those fields. Nobody can add a field without saying what it is and since when it is sent.
 */

export const collectedDataFile = join(import.meta.dirname, '../sentinel/COLLECTED-DATA.md');
const historyTitle = '## Changes\n';

interface Change {
  date: string;
  added: string[];
  removed: string[];
}

/** What is wrong with the page as it is, one sentence each; none if it is what the schemas say. */
export function faultsOfCollectedData(page: string, messages: readonly CollectedMessage[] = collected()): string[] {
  const fields = messages.flatMap((message) => message.fields);
  const bare = fields.filter(({ what }) => what === '').map(({ name }) => name);
  const history = historyIn(page);
  const { added, removed } = differenceOf(history, names(messages));
  const makeIt = '`npm run fix` writes it into sentinel/COLLECTED-DATA.md';
  return [
    ...bare.map((name) => `the field ${name} has no description: say with .describe('…') in its schema what it is`),
    ...added.map((name) => `the field ${name} is in no entry of the history: ${makeIt}`),
    ...removed.map((name) => `the field ${name} of the history is sent no more: ${makeIt}`),
    ...(page === pageOf(messages, history) ? [] : [`the page is not what the schemas say: ${makeIt}`]),
  ];
}

/** The page for these messages, with what is new or gone noted under `date`. */
export function renewedPage(page: string, date: string, messages: readonly CollectedMessage[] = collected()): string {
  const history = historyIn(page);
  const { added, removed } = differenceOf(history, names(messages));
  if (added.length + removed.length === 0) return pageOf(messages, history);
  const today = history.find((change) => change.date === date);
  const before = history.filter((change) => change !== today);
  const net = { date, added: [...(today?.added ?? []), ...added], removed: [...(today?.removed ?? []), ...removed] };
  const undone = net.added.filter((name) => net.removed.includes(name));
  const without = (list: string[]) => list.filter((name) => !undone.includes(name)).sort();
  return pageOf(messages, [{ date, added: without(net.added), removed: without(net.removed) }, ...before]);
}

/** Writes the page anew. */
export function writeCollectedData(): void {
  const page = readFileSync(collectedDataFile, 'utf8');
  writeFileSync(collectedDataFile, renewedPage(page, new Date().toISOString().slice(0, 10)));
}

const introduction = `# What a sentinel sends

Every field that can leave the device; nothing else does. This page is made from the schemas of
[the protocol](protocol/messages.ts) by \`npm run fix\`, and a check fails if it is not up to date. On a device,
\`vedette-sentinel collects\` shows the same list with what is on and off there, and \`vedette-sentinel sent\` each
message as it was sent. A field in *italics* can be missing from a message. Everything goes to the one server whose key
is pinned; like every server it also sees the address that the connection comes from.
`;

function pageOf(messages: readonly CollectedMessage[], history: readonly Change[]): string {
  return [introduction, ...messages.map(section), historyTitle, ...history.map(entry)].join('\n');
}

function section({ call, purpose, fields }: CollectedMessage): string {
  const rows = fields.map(({ name, what, optional, switches }) => {
    const shown = optional ? `*\`${name}\`*` : `\`${name}\``;
    const off = switches.map(({ setting, off: value }) => `\`settings set ${setting} ${value}\``).join(' or ');
    return `| ${shown} | ${what}${off === '' ? '' : `. Off with ${off}`} |`;
  });
  return `## \`${call}\`\n\nSent ${purpose}.\n\n| field | what it is |\n| --- | --- |\n${rows.join('\n')}\n`;
}

function entry({ date, added, removed }: Change): string {
  const list = (title: string, of: readonly string[]) =>
    of.length === 0 ? '' : `${title}:\n\n${of.map((name) => `- \`${name}\``).join('\n')}\n\n`;
  return `### ${date}\n\n${list('Sent from now on', added)}${list('Sent no more', removed)}`.trimEnd().concat('\n');
}

/** Newest first. */
function historyIn(page: string): Change[] {
  const [, text = ''] = page.split(`\n${historyTitle}`);
  return text
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const [added = '', removed = ''] = part.split('Sent no more:');
      return { date: part.slice(0, 10), added: listed(added), removed: listed(removed) };
    });
}

function listed(text: string): string[] {
  return [...text.matchAll(/^- `([^`]+)`$/gm)].map(([, name = '']) => name);
}

/** What has to be noted for the history to add up to these fields. */
function differenceOf(history: readonly Change[], fields: readonly string[]): { added: string[]; removed: string[] } {
  const known = new Set<string>();
  for (const { added, removed } of history.toReversed()) {
    for (const name of added) known.add(name);
    for (const name of removed) known.delete(name);
  }
  return {
    added: fields.filter((name) => !known.has(name)),
    removed: [...known].filter((name) => !fields.includes(name)),
  };
}

function names(messages: readonly CollectedMessage[]): string[] {
  return messages.flatMap(({ fields }) => fields.map(({ name }) => name));
}
