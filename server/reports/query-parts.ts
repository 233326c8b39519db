import { z } from 'zod';
import { checkTimeZone } from '../../sentinel/protocol/local-day.ts';
import { Group } from './shapes.ts';

/** A whole number in a query string. Written out: `z.coerce.number` alone takes an empty text for 0. */
export function whole(schema: z.ZodNumber) {
  return z.preprocess((text) => (/^-?\d{1,16}$/.test(String(text)) ? Number(text) : text), schema);
}

/** Beyond these years nobody looks, and no calendar is sure. */
const [earliest, latest] = [Date.UTC(1900, 0, 1), Date.UTC(2200, 0, 1)];

/** ms since 1970 */
export const instant = whole(z.number('must be a whole number').int().min(earliest).max(latest));

/** `next` of the page before: time and id of its last entry. */
export const cursor = z
  .string()
  .regex(/^-?\d{1,16}_[0-9a-f-]{36}$/, 'must be what `next` of the page before said')
  .transform((text) => {
    const [at = '', id = ''] = text.split('_');
    return { at: Number(at), id };
  });

export const pageLimit = whole(z.number().int().min(1).max(200)).default(50);

/** True and false as they are written in a query string. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** One value, or the parameter several times: for names, which may hold a comma. */
export function severalOf<Item extends z.ZodType>(item: Item) {
  return z.preprocess((text) => (typeof text === 'string' ? [text] : text), z.array(item));
}

/** Several values in one text, commas between, or the parameter several times. */
function listOf<Item extends z.ZodType>(item: Item) {
  return z.preprocess((text) => (typeof text === 'string' ? text.split(',').filter(Boolean) : text), z.array(item));
}

/** What is told apart; of places one kind. */
export const groups = listOf(Group).refine((all) => !(all.includes('location') && all.includes('sentinel')), {
  error: 'must name locations or sentinels, not both: a sentinel is at one location',
});

export const timeZone = z.string().refine(isTimeZone, { error: 'must be a time zone, as in Europe/Amsterdam' });

function isTimeZone(name: string): boolean {
  try {
    checkTimeZone(name);
    return true;
  } catch {
    return false;
  }
}
