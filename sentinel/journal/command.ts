import fs from 'node:fs';
import path from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { lastAssignments } from '../link/assignments.ts';
import { plainJson } from '../protocol/plain.ts';
import { complain, say } from '../terminal.ts';
import { UsageFault } from '../usage-fault.ts';
import { sentKinds } from './journal.ts';
import { type CountedItem, isCounted, readJournal, type SentItem, type Wanted } from './read-journal.ts';

interface SentOptions {
  last?: number;
  since?: number;
  kind?: string;
  monitor?: string;
  json: boolean;
  save?: string;
  output?: string;
}

/** Adds `sent`. */
export function addSent(program: Command, home: () => string): void {
  program
    .command('sent')
    .description('what this sentinel has sent, the last 30 days, oldest first; with a number, that item itself')
    .argument('[number]', 'an item, as the list numbers it', count)
    .option('--last <count>', 'only the last so many', count)
    .option('--since <time>', 'only from then on: 2026-11-22, 2026-11-22T08:00, or 90m, 12h, 7d ago', since)
    .addOption(new Option('--kind <kind>', 'only of this kind').choices(sentKinds))
    .option('--monitor <name>', 'only what is of this monitor, by its name or id')
    .option('--json', 'one JSON object a line, with the item itself', false)
    .option('--save <folder>', 'write each item into a file of this folder')
    .option('--output <file>', 'write the one item into this file')
    .action((id: number | undefined, options: SentOptions) => showSent(home(), id, options));
}

function showSent(home: string, id: number | undefined, options: SentOptions): void {
  const { json, save, output } = options;
  if (output !== undefined && id === undefined) throw new UsageFault('--output takes one item: name it by its number');
  const names = monitorNames(home);
  const wanted = { ...wantedOf(options, names), ...(id === undefined ? {} : { id }) };
  const totals = { items: 0, bytes: 0 };
  for (const item of readJournal(home, wanted)) {
    totals.items++;
    if (!isCounted(item)) totals.bytes += item.bytes;
    if (output !== undefined && !isCounted(item)) write(output, item);
    else if (json) say(plainJson(asJson(item, names)));
    else if (id !== undefined && !isCounted(item) && save === undefined) say(itemItself(item));
    else say(asLine(item, names));
    if (save !== undefined && !isCounted(item)) write(path.join(save, fileName(item)), item);
  }
  if (id !== undefined && totals.items === 0) throw new Error(`there is no item ${id}: \`sent\` lists those there are`);
  if (!json && id === undefined) say(lastLine(totals, save, home));
}

/** Names of the monitors and trials that the server last told of, by their ids. */
function monitorNames(home: string): Map<string, string> {
  const { assignments = [], trials = [] } = lastAssignments(home) ?? {};
  const ofTrials = trials.map(({ trialId, name }) => [trialId, name] as const);
  return new Map([...assignments.map(({ monitorId, name }) => [monitorId, name] as const), ...ofTrials]);
}

function wantedOf({ last, since: from, kind, monitor }: SentOptions, names: ReadonlyMap<string, string>): Wanted {
  const monitorId = monitor === undefined ? undefined : idOf(monitor, names);
  return {
    ...(last === undefined ? {} : { last }),
    ...(from === undefined ? {} : { since: from }),
    ...(kind === undefined ? {} : { kind }),
    ...(monitorId === undefined ? {} : { monitorId }),
  };
}

/** A monitor that is no longer here has its id alone. */
function idOf(monitor: string, names: ReadonlyMap<string, string>): string {
  return [...names].find(([, name]) => name === monitor)?.[0] ?? monitor;
}

function asLine(item: SentItem | CountedItem, names: ReadonlyMap<string, string>): string {
  const time = new Date(item.at).toISOString();
  if (isCounted(item)) return `${time}  ${''.padStart(7)}  ${item.kind.padEnd(9)}  ${times(item)}`;
  const { id, kind, bytes, monitors, sha256, mediaType } = item;
  const of = monitors.map((monitor) => names.get(monitor) ?? monitor).join(', ');
  const parts = [time, String(id).padStart(7), kind.padEnd(9), size(bytes).padStart(9), sha256.slice(0, 12), of];
  return [...parts, ...(kind === 'evidence' ? [mediaType] : [])].filter((part) => part !== '').join('  ');
}

function times({ call, count: asked }: CountedItem): string {
  return `${call}, ${asked === 1 ? 'once' : `${asked} times`} within the hour; nothing else in it`;
}

function asJson(item: SentItem | CountedItem, names: ReadonlyMap<string, string>): object {
  if (isCounted(item)) return { ...item, at: new Date(item.at).toISOString() };
  const { content, at, monitors, ...facts } = item;
  const itself = isText(item) ? { text: content?.toString() ?? null } : { base64: content?.toString('base64') ?? null };
  const named = monitors.map((id) => ({ id, name: names.get(id) ?? null }));
  return { at: new Date(at).toISOString(), ...facts, monitors: named, ...itself };
}

/** For people: JSON with line breaks. */
function itemItself(item: SentItem): string {
  const { content, id, mediaType, bytes } = item;
  if (!content) return `The item ${id} is damaged on the disk of this sentinel.`;
  if (!isText(item)) {
    return `The item ${id} is a file (${mediaType}, ${size(bytes)}): \`sent ${id} --output FILE\` writes it.`;
  }
  if (mediaType !== 'application/json') return content.toString();
  return plainJson(JSON.parse(content.toString()), 2);
}

function write(file: string, { content, id }: SentItem): void {
  if (!content) {
    complain(`the item ${id} is damaged on the disk of this sentinel and not written`);
    return;
  }
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content, { mode: 0o600 });
}

function fileName({ id, at, kind, mediaType }: SentItem): string {
  const time = new Date(at).toISOString().slice(0, 19).replaceAll(':', '-');
  return `${String(id).padStart(7, '0')}-${time}-${kind}.${endings[mediaType] ?? 'bin'}`;
}

const endings: Record<string, string> = {
  'application/json': 'json',
  'image/webp': 'webp',
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'text/yaml': 'yaml',
  'application/zip': 'zip',
};

function isText({ mediaType }: SentItem): boolean {
  return mediaType === 'application/json' || mediaType.startsWith('text/');
}

function lastLine({ items, bytes }: { items: number; bytes: number }, save: string | undefined, home: string): string {
  if (items === 0) return `The sentinel of ${home} has sent nothing that was asked for.`;
  const next = save === undefined ? '`sent NUMBER` shows one, `--save FOLDER` writes them.' : `They are in ${save}.`;
  return `${items === 1 ? '1 line' : `${items} lines`}, ${size(bytes)}. ${next}`;
}

function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

const agoMs: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function since(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const time = amount === undefined ? Date.parse(text) : Date.now() - Number(amount) * (agoMs[unit] ?? 0);
  if (Number.isNaN(time)) throw new InvalidArgumentError('It is a time such as 2026-11-22T08:00, or 90m, 12h, 7d.');
  return time;
}

function count(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a whole number, 1 or more.');
}
