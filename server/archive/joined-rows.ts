import type { Knex } from 'knex';
import type { CustomerDb } from '../../db/customers.ts';
import { joinedRows, mostJoined } from '../../db/engines/dialect.ts';
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
  const ask = (part: Part) => {
    const found: Promise<[Found]> = rows(part)
      .select({ count: db.raw('count(*)'), text: joined })
      .then((all) => all);
    found.catch(() => {}); // it is thrown to who awaits it, if anybody still does
    return { part, found };
  };
  const [first, ...others] = parts(span, Math.ceil(span.rows / atOnce));
  let next = first && ask(first);
  while (next) {
    const { part, found } = next;
    const [{ text: all, count }] = await found;
    const following = others.shift();
    next = following && ask(following); // which the database answers while this one is put away
    if (all === null) continue;
    // A text that is nearly so long may have lost its end, of a letter or more.
    if (all.length < mostJoined - 4) yield { text: all, count };
    else if (part.to - part.from > 1) yield* joinedIn(db, rows, text, { ...part, rows: 2 }, 1, between);
    else throw new ArchiveFault(`the rows of ${new Date(part.from).toISOString()} are too long to be read`);
  }
}

function* parts({ from, to }: Span, count: number): Generator<Part> {
  const width = Math.ceil((to - from) / Math.max(1, count));
  for (let at = from; at < to; at += width) yield { from: at, to: Math.min(to, at + width) };
}
