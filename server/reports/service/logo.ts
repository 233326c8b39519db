import { atomically } from '../../../db/atomically.ts';
import type { ReportLogoRow } from '../../../db/customer/rows.ts';
import type { CustomerDb } from '../../../db/customers.ts';
import { type Actor, audit } from '../../audit/audit.ts';
import { PictureRefused, redraw } from '../../evidence/picture.ts';

/** Twice as large as it is printed. */
const size = { width: 560, height: 160 };
/** What a column holds on every engine. */
const mostBytes = 60_000;

/** The picture that heads reports as a data: address; null where there is none. */
export async function logoOf(db: CustomerDb): Promise<string | null> {
  const row = await db<ReportLogoRow>('report_logo').first();
  return row ? `data:image/webp;base64,${Buffer.from(row.content).toString('base64')}` : null;
}

/** Draws `picture` of the customer `owner` anew and keeps it in place of the one before; null takes that away. As `redraw`. */
export async function setLogo(
  db: CustomerDb,
  picture: Buffer | null,
  { actor, now, owner }: { actor: Actor; now: number; owner: string },
): Promise<void> {
  const drawn = picture && (await redraw(picture, owner, size));
  if (drawn && drawn.content.length > mostBytes) throw new PictureRefused('it has too many details for a logo');
  await atomically(db, async (trx) => {
    await trx('report_logo').delete();
    if (drawn) await trx('report_logo').insert({ id: 1, content: drawn.content } satisfies ReportLogoRow);
    const detail = drawn ? { width: drawn.width, height: drawn.height } : { removed: true };
    await audit(trx, { at: now, actor, action: 'report-logo-changed', detail });
  });
}
