import type { Agent } from 'node:https';
import { gunzipSync } from 'node:zlib';
import type { CustomerId } from '../db/customers.ts';
import type { CustomerRow, Role } from '../db/registry/rows.ts';
import { testDatabase } from '../db/test-database.ts';
import { apiPrefix, EnrolmentAnswer, headers, type Problem } from '../sentinel/protocol/messages.ts';
import { goodPassword } from './accounts/build-person.ts';
import { addCustomer } from './accounts/customers.ts';
import { Session } from './accounts/shapes.ts';
import { addUser } from './accounts/users.ts';
import { pinnedAgent, send } from './build-client.ts';
import { serverConfig } from './config.ts';
import { dropDatabase } from './databases/customer-database.ts';
import { addEnrolmentCode } from './enrolment/codes.ts';
import type { ServerContext } from './http/context.ts';
import type { Limits } from './http/limits.ts';
import { type RunningServer, startServer } from './main.ts';

/* What tests of the server need: a real server on a free port, its data in a temporary folder, a clock that can be moved. */

export interface Question {
  headers?: Record<string, string>;
  /** Sent as JSON unless it is bytes. */
  body?: unknown;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** Unpacked. */
  text: string;
  /** The body as JSON. */
  json(): unknown;
  /** The problem's code, if it is one. */
  code: string | undefined;
}

/** Asks the server as somebody: the headers that say who are sent each time. */
export type Ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, question?: Question) => Promise<Answer>;

export interface EnrolledSentinel {
  id: string;
  apiKey: string;
  customerId: CustomerId;
  ask: Ask;
}

export interface World extends AsyncDisposable {
  server: RunningServer;
  context: ServerContext;
  /** Moves the server's clock on. */
  advance(ms: number): void;
  /** As nobody. */
  ask: Ask;
  addCustomer(name: string): Promise<CustomerId>;
  /** As a new user, signed in, whose password is `goodPassword`. */
  signedIn(name: string, customerId: CustomerId | null, role?: Role): Promise<Ask>;
  enrolled(customerId: CustomerId, location?: string): Promise<EnrolledSentinel>;
}

interface WorldOptions {
  limits?: Partial<Limits>;
  settings?: Parameters<typeof serverConfig>[0];
}

/** Tests ask more in a minute than people do; those of the limits have their own. */
const asManyAsTheyLike = { asker: 1e6, customer: 1e6, sentinel: 1e6, stranger: 1e6, signIn: 1e6 };

export interface AuthorWorld {
  world: World;
  customerId: CustomerId;
  /** An author of the customer's. */
  alice: Ask;
  sentinel: EnrolledSentinel;
  /** Where the customer is in the API. */
  at: string;
}

/** A world with a customer that has an author and a sentinel; to be disposed of by its user. */
export async function buildAuthorWorld(): Promise<AuthorWorld> {
  const world = await buildWorld();
  const customerId = await world.addCustomer('Acme');
  const alice = await world.signedIn('alice', customerId, 'author');
  const sentinel = await world.enrolled(customerId);
  const at = `/api/v1/customers/${customerId}`;
  return { world, customerId, alice, sentinel, at };
}

/** Starts a server of its own; `await using` ends it and removes what it kept. */
export async function buildWorld({ limits = {}, settings = {} }: WorldOptions = {}): Promise<World> {
  const place = await testDatabase();
  const { folder: dataFolder, url: databaseUrl } = place;
  let moved = 0;
  const now = () => Date.now() + moved;
  // Cost 4: what is tested is not how slow bcrypt is.
  const config = {
    ...serverConfig(
      { dataFolder, databaseUrl, port: 0, logLevel: 'silent', secondFactor: 'optional', ...settings },
      {},
    ),
    bcryptCost: 4,
    now,
    limits: { requestsPerMinute: asManyAsTheyLike, ...limits },
  };
  const server = await startServer(config);
  const { context } = server;
  const trust = { ca: context.authority.caPem, pins: new Set(context.authority.pins) };
  const agent = pinnedAgent(trust);
  const as = (who: Record<string, string>): Ask => askWith(agent, server.url, who);
  return {
    server,
    context,
    advance(ms) {
      moved += ms;
    },
    ask: as({}),
    async addCustomer(name) {
      return (await addCustomer(context, name, { timeZone: 'UTC' })).id;
    },
    async signedIn(name, customerId, role = customerId ? 'viewer' : 'operator') {
      const password = goodPassword;
      await addUser(context, { name, role, customerId, password });
      const answer = await as({})('POST', '/api/v1/session', { body: { name, password } });
      const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
      return as({ cookie, 'x-csrf-token': Session.parse(answer.json()).csrfToken });
    },
    async enrolled(customerId, location = 'Utrecht') {
      const code = await addEnrolmentCode(context, customerId, { location });
      const body = { code, name: `PC at ${location}`, platform: 'linux-x64', version: '0.1.0' };
      const { sentinelId: id, apiKey } = EnrolmentAnswer.parse(
        (await as({})('POST', `${apiPrefix}/enrolments`, { body })).json(),
      );
      return { id, apiKey, customerId, ask: as(sentinelHeaders(id, apiKey)) };
    },
    async [Symbol.asyncDispose]() {
      agent.destroy();
      let customers: CustomerRow[] = [];
      try {
        if (databaseUrl !== undefined) customers = await context.registry<CustomerRow>('customers');
      } finally {
        await server.close(); // also where a test left the database out of reach: it would run on for ever
      }
      for (const customer of customers) await dropDatabase(context, customer);
      await place[Symbol.asyncDispose]();
    },
  };
}

/** What a sentinel sends with every request. */
export function sentinelHeaders(id: string, apiKey: string): Record<string, string> {
  return {
    authorization: `Bearer ${apiKey}`,
    [headers.sentinel]: id,
    [headers.boot]: 'boot-1',
    [headers.counter]: '1',
  };
}

/** Asks the server at `url`, each time with the headers that say `who`. */
export function askWith(agent: Agent, url: string, who: Record<string, string>): Ask {
  return async (method, path, question = {}) => {
    const asIs = question.body === undefined || question.body instanceof Uint8Array;
    const body = asIs ? (question.body as Uint8Array | undefined) : JSON.stringify(question.body);
    const type = body !== undefined && { 'content-type': 'application/json' };
    const asked = { agent, method, path, headers: { ...who, ...type, ...question.headers } };
    const answer = await send(url, asked, body);
    const isPacked = answer.headers['content-encoding'] === 'gzip';
    const text = (isPacked ? gunzipSync(answer.body) : answer.body).toString();
    const isProblem = String(answer.headers['content-type']).startsWith('application/problem+json');
    const code = isProblem ? (JSON.parse(text) as Problem).code : undefined;
    return { status: answer.status, headers: answer.headers, text, json: () => JSON.parse(text), code };
  };
}
