import type { IncomingMessage } from 'node:http';
import type { SentinelRow } from '../../db/customer/rows.ts';
import type { SentinelKeyRow } from '../../db/registry/rows.ts';
import { headers } from '../../sentinel/protocol/messages.ts';
import { audit } from '../audit/audit.ts';
import type { ServerContext } from './context.ts';
import { judge, type KeyHolder, type Speaker, type Verdict } from './key-holder.ts';
import { HttpProblem } from './problem.ts';
import type { RouteContext } from './router.ts';
import { SeenCounters } from './seen-counters.ts';

/** The machine that uses a key, as it is kept; undefined before it was first used. */
export function holderOf({ holder }: Pick<SentinelKeyRow, 'holder'>): KeyHolder | undefined {
  return holder === null ? undefined : (JSON.parse(holder) as KeyHolder);
}

/**
 * Lets a request on only if it comes from the machine that uses the key. Problems: 403 `SENTINEL_PARKED` for another
 * machine; 403 `BOOT_REPLACED` for a boot that another one took over from, which, if it is alive, starts anew. A sentinel
 * that does not say which boots came before is not asked: an older one, or a small device.
 */
export async function settleHolder(
  server: ServerContext,
  row: SentinelKeyRow,
  ctx: RouteContext<unknown>,
): Promise<void> {
  const speaker = speakerOf(server, ctx);
  if (!speaker) return;
  const verdict = await settled(server, row, speaker);
  if (verdict === 'replaced') throw replaced();
  if (verdict === 'parked') {
    const next = 'an administrator decides in the console which of the two machines goes on, and the other enrols anew';
    throw new HttpProblem(403, 'SENTINEL_PARKED', `another machine reports with this sentinel's identity: ${next}`);
  }
}

const counters = new WeakMap<ServerContext, SeenCounters>();

/** Refuses a request whose counter this boot has used before: its whole memory was copied. 403 `BOOT_REPLACED`. */
export function refuseRepeat(server: ServerContext, sentinelId: string, request: IncomingMessage): void {
  if (isRepeat(server, sentinelId, request)) throw replaced();
}

/** Whether this boot has used the request's counter before; from now on it has. */
export function isRepeat(server: ServerContext, sentinelId: string, { headers: said }: IncomingMessage): boolean {
  const { [headers.boot]: boot = '', [headers.before]: before = '', [headers.counter]: count = '' } = said;
  const counter = Number(count || Number.NaN);
  if (before === '' || !Number.isSafeInteger(counter)) return false;
  const seen = counters.get(server) ?? new SeenCounters();
  counters.set(server, seen);
  return !seen.isNew(sentinelId, String(boot), counter);
}

function replaced(): HttpProblem {
  return new HttpProblem(403, 'BOOT_REPLACED', 'another start of this sentinel has taken over: begin a new one');
}

function speakerOf(server: ServerContext, ctx: RouteContext<unknown>): Speaker | undefined {
  const boot = ctx.get(headers.boot).slice(0, 100);
  const said = ctx.get(headers.before);
  if (boot === '' || said === '') return undefined;
  const before = said === 'known' ? said : said === 'none' ? [] : said.split(',');
  return { boot, before, address: ctx.ip.replace(/^::ffff:/, ''), at: server.now() };
}

/** Judged by what is kept at that moment: two machines may speak at once, through two servers. */
async function settled(server: ServerContext, row: SentinelKeyRow, speaker: Speaker): Promise<Verdict> {
  const { key_hash } = row;
  const key = () => server.registry<SentinelKeyRow>('sentinel_keys').where({ key_hash });
  for (let now: Pick<SentinelKeyRow, 'holder'> | undefined = row; now; now = await key().first('holder')) {
    const before = holderOf(now);
    const { verdict, holder } = judge(before, speaker);
    if (holder === before) return verdict;
    const unchanged = key().where({ holder: now.holder });
    if ((await unchanged.update({ holder: JSON.stringify(holder) })) === 0) continue;
    server.events.emit('holderChanged', row.sentinel_id);
    if (verdict === 'parked') await noteParked(server, row, speaker, before);
    return verdict;
  }
  return 'replaced'; // the key is gone
}

/** In the customer's trail; a parked machine that was started again is no news. */
async function noteParked(
  server: ServerContext,
  { sentinel_id: id, customer_id }: SentinelKeyRow,
  { address, at, before }: Speaker,
  holder: KeyHolder | undefined,
): Promise<void> {
  if (holder?.others.some((other) => before.includes(other.boot))) return;
  server.log.warn({ sentinel: id, address }, 'a second machine with the identity of a sentinel was parked');
  await server.customers.use(customer_id, async (db) => {
    const name = (await db<SentinelRow>('sentinels').where({ id }).first('name'))?.name ?? id;
    const actor = { kind: 'sentinel', id, name } as const;
    await audit(db, { at, actor, action: 'sentinel-parked', subject: name, detail: { address } });
  });
}
