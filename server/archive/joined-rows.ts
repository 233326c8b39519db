import type { Knex } from 'knex';
import type { CustomerDb } from '../../db/customers.ts';
import { joinedAtMost, joinedRows, mostJoined } from '../../db/engines/dialect.ts';
import { ArchiveFault } from './archive-fault.ts';

/** Instants (ms) in which so many rows lie. */
export interface Span {
  from: number;
  /** The first instant that is not in it. */
  to: number;
  rows: number;
}

/** A part of it. */
export type Part = Pick<Span, 'from' | 'to'>;

/** Some rows, as the one text that the database joined them to, in UTF-8: nobody here need read it. */
interface Joined {
  text: Uint8Array;
  count: number;
}

interface Found {
  text: Uint8Array | null;
  count: number;
}

/** Throws `ArchiveFault` where the database would not hand over such texts whole. */
export async function checkJoining(db: CustomerDb): Promise<void> {
  const most = await joinedAtMost(db);
  if (most >= mostJoined) return;
  throw new ArchiveFault(
    `the database hands over at most ${most} bytes at a time, and ${mostJoined} are needed: raise its max_allowed_packet to 16M or more`,
  );
}

/**
 * A text of each row of a span, joined to one of about `atOnce` rows, or fewer where these would be too long for a packet.
 * `rows` chooses those of a part of the span.
 */
export async function* joinedIn(
  db: CustomerDb,
  rows: (part: Part) => Knex.QueryBuilder,
  text: string,
  span: Span,
  atOnce: number,
  between: '\\n' | '' = '\\n',
): AsyncGenerator<Joined> {
  const joined = db.raw(joinedRows(db, text, between));
  const ask = (part: Part | undefined) => {
    if (!part) return undefined;
    const found: Promise<[Found]> = rows(part)
      .select({ count: db.raw('count(*)'), text: joined })
      .then((all) => all);
    found.catch(() => {}); // it is thrown to who awaits it, if anybody still does
    return { part, found };
  };
  const coming = [...parts(span, Math.ceil(span.rows / atOnce))];
  let next = ask(coming.shift());
  while (next) {
    const { part, found } = next;
    const [{ text: all, count }] = await found;
    // A text that is nearly so long may have lost its end, of a letter or more.
    const isWhole = all === null || all.length < mostJoined - 4;
    if (!isWhole) coming.unshift(...halves(part));
    next = ask(coming.shift()); // which the database answers while this one is put away
    if (count > 0 && all === null)
      throw new ArchiveFault(`${count} rows of ${timeOf(part)} came without what they hold`);
    if (all !== null && isWhole) yield { text: all, count };
  }
}

function halves(part: Part): Part[] {
  if (part.to - part.from > 1) return [...parts(part, 2)];
  throw new ArchiveFault(`the rows of ${timeOf(part)} are too long to be read`);
}

function timeOf({ from }: Part): string {
  return new Date(from).toISOString();
}

function* parts({ from, to }: Part, count: number): Generator<Part> {
  const width = Math.ceil((to - from) / Math.max(1, count));
  for (let at = from; at < to; at += width) yield { from: at, to: Math.min(to, at + width) };
}
