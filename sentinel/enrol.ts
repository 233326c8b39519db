import { learnCa, PinMismatch } from '../certs/pin.ts';
import { openPrivateFolder } from '../certs/private-file.ts';
import { type Config, isEnrolled, readConfig, writeConfig } from './config.ts';
import { Journal } from './journal/journal.ts';
import { Connection } from './link/connection.ts';
import { explain } from './link/explain.ts';
import { platform } from './link/heartbeat.ts';
import { readReply } from './link/reply.ts';
import { apiPrefix, EnrolmentAnswer, type EnrolmentRequest, Pin } from './protocol/messages.ts';
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
}

/** Enrolment failed; the message says why and what to do. Nothing was left that keeps from trying again. */
export class EnrolmentFailed extends Error {
  override readonly name = 'EnrolmentFailed';
}

/** Makes this device a sentinel: exchanges the code for an API key of its own, over a connection checked by the pin. */
export async function enrol(wishes: EnrolmentWishes, signal: AbortSignal): Promise<Config> {
  const server = serverAddress(wishes.server);
  const pin = pinIn(wishes.pin);
  refuseSecondEnrolment(wishes.home);
  openPrivateFolder(wishes.home); // first, so that an unwritable folder doesn't use up the code
  const vault = new Vault(wishes.home);
  const ca = await authorityOf(server, pin);
  const answer = await exchangeCode(server, { ca, pins: new Set([pin]) }, wishes, signal);
  if (!answer.pins.includes(pin)) {
    throw new EnrolmentFailed(
      `the server does not name the pin ${pin} among its own: ask its operator for the right pin and a new code`,
    );
  }
  vault.setApiKey(answer.apiKey);
  const { sentinelId, customer, location, pins } = answer;
  const { name, home } = wishes;
  const config = { server: server.origin, ca, pins, sentinelId, customer, location, name, enrolledAt: Date.now() };
  writeConfig(home, config); // last: it is what makes the home enrolled
  return config;
}

function serverAddress(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === 'https:' && url.pathname === '/') return url;
  throw new EnrolmentFailed(`"${text}" is not a server's address: give one like https://vedette.example:8443`);
}

/** The pin as it may be written: bare, or as `curl --pinnedpubkey` takes it. */
function pinIn(text: string): string {
  const pin = Pin.safeParse(text.trim().replace(/^sha256\/\//, ''));
  if (pin.success) return pin.data;
  throw new EnrolmentFailed(
    `"${text}" is not a pin: it has 44 characters of base64, and the server prints it when it starts`,
  );
}

function refuseSecondEnrolment(home: string): void {
  if (!isEnrolled(home)) return;
  const { customer, server } = readConfig(home);
  const next = 'choose another folder with --home, or remove this one first';
  throw new EnrolmentFailed(`the home ${home} is enrolled already, for ${customer.name} at ${server}: ${next}`);
}

async function authorityOf(server: URL, pin: string): Promise<string> {
  const port = Number(server.port || 443);
  const host = server.hostname.replace(/^\[|\]$/g, '');
  try {
    return await learnCa(host, port, new Set([pin]));
  } catch (cause) {
    const next = 'If that is the right server, ask its operator for its pin; nothing was sent to it.';
    const advice = cause instanceof PinMismatch ? `. Given was ${pin}. ${next}` : '.';
    throw new EnrolmentFailed(explain(cause, `${host}:${port}`) + advice, { cause });
  }
}

async function exchangeCode(
  server: URL,
  trust: { ca: string; pins: ReadonlySet<string> },
  wishes: EnrolmentWishes,
  signal: AbortSignal,
) {
  await using connection = new Connection(server.origin, trust);
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
