import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { UserRow } from '../../db/registry/rows.ts';
import { addCustomer } from '../../server/accounts/customers.ts';
import { hashPassword } from '../../server/accounts/password.ts';
import { signIn } from '../../server/accounts/sign-in.ts';
import { addUser } from '../../server/accounts/users.ts';
import { pinnedAgent, send } from '../../server/build-client.ts';
import { serverConfig } from '../../server/config.ts';
import { openContext, type ServerContext } from '../../server/http/context.ts';
import { type Program, startProgram } from '../faults/program.ts';

/** Of one account, and of one address: fewer than lock it. */
const [attemptsEach, attemptsOfAddress] = [4, 80];
const inFlight = 20;
const attemptsBesideHashing = 500;

/**
 * `[--attempts N]`: whether the time of a refusal tells if an account exists: N attempts (100) with names that there are and
 * N with others, in random order, at the cost that this machine affords. Then how long another request waits while 20 sign in.
 */
export async function bench(args: string[]): Promise<Record<string, unknown>> {
  const { attempts } = parseArgs({ args, options: { attempts: { type: 'string', default: '100' } } }).values;
  const folder = mkdtempSync(join(tmpdir(), 'vedette-sign-in-'));
  try {
    await using context = await openContext(serverConfig({ dataFolder: folder, logLevel: 'silent' }, {}));
    const olga = await addUser(context, { name: 'olga', role: 'operator', customerId: null });
    const names = await addUsers(context, Math.ceil(Number(attempts) / attemptsEach));
    const command = ['server/cli.ts', 'run', '--data', folder, '--port', '0', '--log-level', 'fatal'];
    const server = await startProgram({ command, folder });
    try {
      const door = new FrontDoor(context, server);
      return {
        attempts: Number(attempts),
        ...(await whoExists(door, names, Number(attempts))),
        ...(await others(door, olga)),
        ...(await besideHashing(context, names)),
      };
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Users of a customer, all with one password: what they have is not looked at here. */
async function addUsers(context: ServerContext, count: number): Promise<string[]> {
  const { id: customerId } = await addCustomer(context, 'Acme', { timeZone: 'UTC' });
  const { name } = await addUser(context, { name: 'user', role: 'viewer', customerId });
  const first = (await context.registry<UserRow>('users').where({ name }).first()) as UserRow;
  const rows = Array.from({ length: count }, (_, i) => ({ ...first, id: randomUUID(), name: `user-${i}` }));
  for (const row of rows) await context.registry('users').insert(row);
  return rows.map((row) => row.name);
}

/** Signs in from one address after the other, each on connections of its own that are kept. */
class FrontDoor {
  readonly #url: string;
  readonly #agent: ReturnType<typeof pinnedAgent>;
  #asked = 0;

  constructor({ authority }: ServerContext, server: Program) {
    this.#agent = pinnedAgent({ ca: authority.caPem, pins: new Set(authority.pins) });
    this.#url = `https://127.0.0.1:${/\d{4,5}\b/.exec(server.lastWords())?.[0]}`;
  }

  async signIn(name: string, password: string) {
    const localAddress = `127.0.1.${1 + (Math.floor(this.#asked++ / attemptsOfAddress) % 250)}`;
    const headers = { 'content-type': 'application/json' };
    const question = { agent: this.#agent, localAddress, method: 'POST', path: '/api/v1/session', headers };
    return send(this.#url, question, JSON.stringify({ name, password }));
  }

  /** Time of a small answer to somebody who is signed in (ms). */
  async look(cookie: string): Promise<number> {
    const begun = performance.now();
    await send(this.#url, { agent: this.#agent, method: 'GET', path: '/api/v1/session', headers: { cookie } });
    return performance.now() - begun;
  }
}

async function whoExists(door: FrontDoor, names: readonly string[], attempts: number) {
  const asked = Array.from({ length: attempts }, (_, i) => [
    { isThere: true, name: names[i % names.length] ?? '' },
    { isThere: false, name: `nobody-${i % names.length}` },
  ]).flat();
  const tried = asked.map((one) => ({ ...one, order: Math.random() })).sort((a, b) => a.order - b.order);
  const times = { there: [] as number[], not: [] as number[] };
  for (const { isThere, name } of tried) {
    const begun = performance.now();
    const { status } = await door.signIn(name, 'not the password');
    if (status !== 401) throw new Error(`${name}: ${status}`);
    times[isThere ? 'there' : 'not'].push(performance.now() - begun);
  }
  const [known, unknown] = [median(times.there), median(times.not)];
  return {
    known_ms: round(known),
    unknown_ms: round(unknown),
    apart_ms: round(Math.abs(known - unknown), 2),
    told_right: round(toldRight(times.there, times.not), 3),
  };
}

/**
 * The same without the time of bcrypt, which differs by more from one to the next than all else takes: at its least cost, asked
 * of the program's own code.
 */
async function besideHashing(context: ServerContext, names: readonly string[]) {
  const server = { ...context, passwordKeys: context.passwordKeys, bcryptCost: 4 };
  const { registry } = context;
  await registry<UserRow>('users').update({ password_hash: await hashPassword(server, 'of all of them') });
  const times = { there: [] as number[], not: [] as number[] };
  for (let i = 0; i < attemptsBesideHashing; i++) {
    if (i % names.length === 0) await registry('sign_in_failures').delete();
    const asked = { there: names[i % names.length] ?? '', not: `nobody-${i % names.length}` };
    for (const kind of i % 2 === 0 ? (['there', 'not'] as const) : (['not', 'there'] as const)) {
      const begun = performance.now();
      const from = { source: `10.0.${i >> 8}.${i & 255}`, browser: '' };
      const refused = await signIn(server, { name: asked[kind], password: 'not the password' }, from).catch(
        (error) => error,
      );
      if (refused.code !== 'SIGN_IN_FAILED') throw new Error(`${asked[kind]}: ${refused.code}`);
      times[kind].push(performance.now() - begun);
    }
  }
  return { beside_hashing_apart_ms: round(Math.abs(median(times.there) - median(times.not)), 2) };
}

/**
 * How often whoever knows half of the times by heart tells the others right, by the best bound between them; 0.5 is
 * guessing.
 */
function toldRight(there: readonly number[], not: readonly number[]): number {
  const half = Math.floor(there.length / 2);
  const rightBy = (bound: number, from: number, to?: number) => {
    const above = there.slice(from, to).filter((ms) => ms > bound).length;
    const below = not.slice(from, to).filter((ms) => ms <= bound).length;
    return (above + below) / (there.slice(from, to).length + not.slice(from, to).length);
  };
  const bounds = [...there.slice(0, half), ...not.slice(0, half)];
  const gain = (bound: number) => Math.abs(rightBy(bound, 0, half) - 0.5);
  const best = bounds.reduce((kept, bound) => (gain(bound) > gain(kept) ? bound : kept), bounds[0] ?? 0);
  const right = rightBy(best, half);
  return rightBy(best, 0, half) >= 0.5 ? right : 1 - right;
}

async function others(door: FrontDoor, { name, password }: { name: string; password: string }) {
  const answer = await door.signIn(name, password);
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  for (let i = 0; i < 20; i++) await door.look(cookie);
  const [busy, idle] = [[] as number[], [] as number[]];
  for (let i = 0; i < 100; i++) idle.push(await door.look(cookie));
  let isGoingOn = true;
  const signingIn = Array.from({ length: inFlight }, async (_, i) => {
    for (let n = 0; n < attemptsEach; n++) await door.signIn(`guest-${i}`, 'not the password');
  });
  const all = Promise.all(signingIn).finally(() => {
    isGoingOn = false;
  });
  while (isGoingOn) {
    busy.push(await door.look(cookie));
    await sleep(20);
  }
  await all;
  return { other_p99_ms: round(share(busy, 0.99)), other_alone_p99_ms: round(share(idle, 0.99)) };
}

function median(times: readonly number[]): number {
  return share(times, 0.5);
}

function share(times: readonly number[], part: number): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * part)] ?? Number.NaN;
}

function round(value: number, digits = 1): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
