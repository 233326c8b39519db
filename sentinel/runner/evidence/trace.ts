import { opendirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { promisify } from 'node:util';
import { maxEvidenceBytes } from '../../protocol/messages.ts';
import { isTrulyInside, readInside } from '../browser/uploads.ts';
import { traceRedactor, typedPasswords } from './trace-redactor.ts';

/** Bounds on what is read: the child is not trusted, and a run may last. */
const mostFiles = 2000;
const mostEventBytes = 32 * 1024 * 1024;
const mostResourceBytes = 2 * 1024 * 1024;
const mostResourcesBytes = 32 * 1024 * 1024;
/** How often a trace that is too large is packed again with the smaller half of its resources. */
const attempts = 6;
const textPerBreath = 500_000;
/** What is looked for in every form costs time; a page could show password fields without end. */
const mostTyped = 30;
const longestTyped = 200;

interface Entry {
  name: string;
  content: Buffer;
}

/**
 * The trace that a child recorded into its scratch folder, packed for Playwright's trace viewer; a sentence in `missing` if
 * there is none to send. Secrets and what was typed into password fields are taken out of every text; what is no text, above all
 * pictures, is left out, as are the largest resources where all would be too large. The child must be gone.
 */
export async function takeTrace(
  scratch: string,
  secrets: readonly string[],
  hidden: readonly string[],
): Promise<Buffer | { missing: string }> {
  const events = entriesIn(scratch, 'trace', /^[\w-]+\.(trace|network)$/, mostEventBytes, mostEventBytes).filter(
    hasEvents,
  );
  if (!events.some(({ name }) => name.endsWith('.trace')))
    return { missing: 'no trace was recorded, or it was too long' };
  const resources = entriesIn(scratch, 'trace/resources', /^[\w.-]+$/, mostResourceBytes, mostResourcesBytes);
  const typed = [...new Set(events.flatMap(({ content }) => typedPasswords(content.toString())))];
  if (typed.length > mostTyped || typed.some(({ length }) => length > longestTyped))
    return { missing: 'the trace shows more password fields than can be cleaned' };
  const redactor = traceRedactor([...secrets, ...typed], hidden);
  const told = await cleaned(events, redactor.events);
  const shown = await cleaned(resources, redactor.resource);
  let kept = shown.toSorted((a, b) => a.content.length - b.content.length);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const packed = await pack([...told, ...kept], redactor.name);
    if (packed.length <= maxEvidenceBytes) return packed;
    kept = attempt === attempts - 2 ? [] : kept.slice(0, Math.floor(kept.length / 2));
  }
  return { missing: 'the trace was too large' };
}

/** The browser's own context, which nobody uses, has a trace of one line and no requests. */
function hasEvents({ content }: Entry): boolean {
  const first = content.indexOf('\n');
  return first >= 0 && first < content.length - 1;
}

/** Plain files of a folder, the first ones up to the bounds; none if the folder is not where it seems. */
function entriesIn(scratch: string, folder: string, names: RegExp, mostEach: number, mostBytes: number): Entry[] {
  const path = join(scratch, folder);
  if (!isTrulyInside(scratch, path)) return [];
  const entries: Entry[] = [];
  let left = mostBytes;
  using listing = opendirSync(path);
  for (let i = 0; i < mostFiles; i++) {
    const name = listing.readSync()?.name;
    if (name === undefined) break;
    const content = names.test(name) ? readInside(join(path, name), scratch, Math.min(mostEach, left)) : undefined;
    if (!content) continue;
    left -= content.length;
    entries.push({ name: folder === 'trace' ? name : `resources/${name}`, content });
  }
  return entries;
}

/** A part at a time, since the sentinel has other things to do as well. */
async function cleaned(entries: readonly Entry[], clean: (line: string) => string | undefined): Promise<Entry[]> {
  const done: Entry[] = [];
  let sinceBreath = 0;
  for (const { name, content } of entries) {
    const text = textOf(content);
    if (text === undefined) continue;
    const isEvents = !name.startsWith('resources/');
    const lines: string[] = [];
    for (const line of isEvents ? text.split('\n') : [text]) {
      const cleanLine = clean(line);
      if (cleanLine !== undefined) lines.push(cleanLine);
      sinceBreath += line.length;
      if (sinceBreath < textPerBreath) continue;
      await breathe();
      sinceBreath = 0;
    }
    done.push({ name, content: Buffer.from(lines.join('\n')) });
  }
  return done;
}

function textOf(content: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

async function pack(entries: readonly Entry[], rename: (name: string) => string): Promise<Buffer> {
  const files = Object.fromEntries(entries.map(({ name, content }) => [rename(name), content]));
  const { zip } = await import('fflate'); // it makes tables when it is loaded, and few runs have a trace
  return Buffer.from(await promisify<Record<string, Uint8Array>, Uint8Array>(zip)(files));
}
