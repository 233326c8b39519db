import { PinMismatch, type Trust } from '../certs/pin.ts';
import { openPrivateFolder } from '../certs/private-file.ts';
import { type Config, isEnrolled, readConfig, writeConfig } from './config.ts';
import { Journal } from './journal/journal.ts';
import { Connection } from './link/connection.ts';
import { addressOf, learnAuthority, wayTo } from './link/connector.ts';
import { explain } from './link/explain.ts';
import { platform } from './link/heartbeat.ts';
import { readReply } from './link/reply.ts';
import { lockHome } from './lock.ts';
import { apiPrefix, EnrolmentAnswer, type EnrolmentRequest, Pin } from './protocol/messages.ts';
import { proxyFor, serverProxy } from './proxy.ts';
import type { HttpProxy } from './proxy-address.ts';
import { UsageFault } from './usage-fault.ts';
import { Vault } from './vault.ts';
import { version } from './version.ts';

const deadlineMs = 30_000;

export interface EnrolmentWishes {
  /** `https://host:port` of the server. */
  server: string;
  /** One of the server's pins, as its operator gave it. */
  pin: string;
  code: string;
  /** Name of this device, as its users know it. */
  name: string;
  home: string;
  /** `http://[name:password@]host:port`; left out, the environment's. */
  proxy?: string;
  /** The home is enrolled already and is to become another sentinel of the same customer, with what it has kept. */
  anew?: boolean;
}

/** Enrolment failed; the message says why and what to do. Nothing was left that keeps from trying again. */
export class EnrolmentFailed extends Error {
  override readonly name = 'EnrolmentFailed';
}

/** Makes this device a sentinel: exchanges the code for an API key of its own, over a connection checked by the pin. */
export async function enrol(wishes: EnrolmentWishes, signal: AbortSignal): Promise<Config> {
  const server = serverAddress(wishes.server);
  const pin = pinIn(wishes.pin);
  const former = formerEnrolment(wishes);
  openPrivateFolder(wishes.home); // first, so that an unwritable folder doesn't use up the code
  using _lock = former && lockHome(wishes.home);
  const vault = new Vault(wishes.home);
  const isKept = former !== undefined && wishes.proxy === undefined;
  const proxy = isKept ? serverProxy(former, vault) : proxyFor(server.origin, wishes.proxy);
  const ca = await authorityOf(server.origin, pin, proxy);
  const answer = await exchangeCode(server.origin, { ca, pins: new Set([pin]) }, proxy, wishes, signal);
  if (!answer.pins.includes(pin)) {
    throw new EnrolmentFailed(
      `the server does not name the pin ${pin} among its own: ask its operator for the right pin and a new code`,
    );
  }
  if (former) refuseOtherCustomer(former, answer);
  vault.setApiKey(answer.apiKey);
  // The environment's too: a service has another one than the shell in which it is enrolled.
  if (proxy) vault.setProxyAuthorization(proxy.authorization);
  const { sentinelId, customer, location, pins } = answer;
  const { name, home } = wishes;
  const belonging = { sentinelId, customer, location, name, enrolledAt: Date.now() };
  const config = {
    ...former,
    server: server.origin,
    ca,
    pins,
    ...belonging,
    ...(proxy ? { proxy: proxy.origin } : {}),
  };
  writeConfig(home, config); // last: it is what makes the home enrolled
  return config;
}

function serverAddress(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === 'https:' && url.pathname === '/') return url;
  throw new UsageFault(`"${text}" is not a server's address: give one like https://vedette.example:8443`);
}

/** The pin as it may be written: bare, or as `curl --pinnedpubkey` takes it. Throws `UsageFault`. */
export function pinIn(text: string): string {
  const pin = Pin.safeParse(text.trim().replace(/^sha256\/\//, ''));
  if (pin.success) return pin.data;
  throw new UsageFault(
    `"${text}" is not a pin: it has 44 characters of base64, and the server prints it when it starts`,
  );
}

/** Whether `home` is enrolled with that server, so that a device that starts with a code again and again enrols once. */
export function isEnrolledWith(home: string, server: string): boolean {
  return isEnrolled(home) && readConfig(home).server === serverAddress(server).origin;
}

function formerEnrolment({ home, anew }: EnrolmentWishes): Config | undefined {
  if (!isEnrolled(home)) return undefined;
  const former = readConfig(home);
  if (anew) return former;
  const next = 'add --anew to make another sentinel of it, or choose another folder with --home';
  const place = `for ${former.customer.name} at ${former.server}`;
  throw new EnrolmentFailed(`the home ${home} is enrolled already, ${place}: ${next}`);
}

/** What the home has kept was measured for its customer, and goes to no other. */
function refuseOtherCustomer(former: Config, { customer }: EnrolmentAnswer): void {
  if (customer.id === former.customer.id) return;
  const next = `nothing was changed, but the code is used: enrol for ${customer.name} with a new code and another folder (--home)`;
  throw new EnrolmentFailed(`the code is for ${customer.name}, this home belongs to ${former.customer.name}; ${next}`);
}

/** PEM of the authority of the server that has `pin`. Nothing is sent to it. Throws `EnrolmentFailed`. */
export async function authorityOf(server: string, pin: string, proxy: HttpProxy | undefined): Promise<string> {
  const way = wayTo(server, proxy);
  try {
    return await learnAuthority(way, new Set([pin]));
  } catch (cause) {
    if (!(cause instanceof PinMismatch)) throw new EnrolmentFailed(`${explain(cause, addressOf(way))}.`, { cause });
    const next =
      `The pin ${pin} was given: ask its operator for the right one, or, if a proxy re-signs TLS, for ` +
      `${addressOf(way)} to be let through untouched`;
    const seen = cause.seen.slice(0, 2).join(', ');
    throw new EnrolmentFailed(`${cause.message}. ${next}. Nothing was sent (pins seen: ${seen}).`, { cause });
  }
}

async function exchangeCode(
  server: string,
  trust: Trust,
  proxy: HttpProxy | undefined,
  wishes: EnrolmentWishes,
  signal: AbortSignal,
) {
  await using connection = new Connection(server, trust, { proxy });
  using journal = new Journal(wishes.home);
  const request: EnrolmentRequest = { code: wishes.code.trim(), name: wishes.name, platform, version };
  const shown = { ...request, code: '(not kept)' };
  const call = 'POST /enrolments';
  journal.add({ call, mediaType: 'application/json', content: JSON.stringify(shown), runs: [] });
  const reply = await connection
    .exchange(
      {
        method: 'POST',
        path: `${apiPrefix}/enrolments`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(request),
        deadlineMs,
      },
      signal,
    )
    .then((answer) => readReply(answer, EnrolmentAnswer))
    .catch((cause: unknown) => {
      throw new EnrolmentFailed(`${explain(cause, connection.address)}.`, { cause });
    });
  if (reply.kind === 'done') return reply.value;
  if (reply.kind === 'refused') throw new EnrolmentFailed(`the server did not enrol this device: ${reply.why}`);
  throw new EnrolmentFailed(
    reply.kind === 'unchanged' ? 'the server gave no answer to the enrolment' : `${reply.why}. Try again.`,
  );
}
