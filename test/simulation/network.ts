import { X509Certificate } from 'node:crypto';
import type { PeerCertificate } from 'node:tls';
import { buildCa, buildCertificate } from '../../certs/build-certificates.ts';
import { pinnedTls, spkiPin, type Trust } from '../../certs/pin.ts';
import type { Answered, Asked, Connection } from '../../sentinel/link/connection.ts';
import { Broken, type History } from './history.ts';
import type { Answer, SimulatedServer } from './server.ts';
import type { Being, World } from './world.ts';

/** What goes wrong on the way between one sentinel and the server, at the moment. */
export interface Weather {
  isCut: boolean;
  /** Somebody else answers at the server's address, with a certificate of the same authority. */
  isIntercepted: boolean;
  /** Longest time of a message on its way, ms. */
  slowMs: number;
  /** Share of answers that get lost, and of messages that arrive a second time. */
  loses: number;
  doubles: number;
}

export const fair: Readonly<Weather> = { isCut: false, isIntercepted: false, slowMs: 50, loses: 0, doubles: 0 };

export interface Identities {
  trust: Trust;
  server: PeerCertificate;
  impostor: PeerCertificate;
}

/** The server's certificate and one that differs in nothing but its key, which is pinned nowhere. */
export async function buildIdentities(): Promise<Identities> {
  const ca = await buildCa();
  const [server, impostor] = [await buildCertificate({ issuer: ca }), await buildCertificate({ issuer: ca })];
  const peer = (raw: Uint8Array) => new X509Certificate(raw).toLegacyObject();
  return {
    trust: { ca: ca.certPem, pins: new Set([spkiPin(server.raw)]) },
    server: peer(server.raw),
    impostor: peer(impostor.raw),
  };
}

/** How long nobody notices that a connection leads nowhere. */
const connectMs = 10_000;
/** A message that arrives a second time may do so much later than others that were sent after it. */
const latestDoubleMs = 240_000;

export interface Road {
  world: World;
  history: History;
  identities: Identities;
  server: SimulatedServer;
  weather: Weather;
  /** A planted fault: nobody asks who answers. */
  isUnpinned: boolean;
}

/** The network between one sentinel and the server, in place of `Connection`; whom to talk to is decided by the real pin check. */
export class SimulatedConnection implements Pick<Connection, 'address' | 'trust' | 'exchange'> {
  readonly address = 'localhost:443';
  readonly #road: Road;
  readonly #being: Being;
  #trust: Trust;
  /** Who is at the other end of the open connection, and for how long the server has lived then. */
  #open: { peer: PeerCertificate; life: number } | undefined;
  #sent = 0;

  constructor(road: Road, being: Being, trust: Trust) {
    this.#road = road;
    this.#being = being;
    this.#trust = trust;
  }

  trust(trust: Trust): void {
    this.#trust = trust;
    this.#open = undefined;
  }

  async exchange(asked: Asked, signal: AbortSignal): Promise<Answered> {
    const [sentAt, started] = [Date.now(), performance.now()];
    const answered = Promise.withResolvers<Answer>();
    const fail = (error: unknown) => {
      this.#open = undefined;
      answered.reject(error);
    };
    const late = this.#being.later(asked.deadlineMs, () => fail(new DOMException('timed out', 'TimeoutError')));
    const stop = () => fail(signal.reason);
    signal.addEventListener('abort', stop);
    try {
      await Promise.race([this.#connect(), answered.promise]);
      this.#send(asked, answered.resolve, fail);
      const { status, headers = {}, json } = await answered.promise;
      const header = (name: string) => headers[name];
      const body = Buffer.from(json === undefined ? '' : JSON.stringify(json));
      return { status, header, body, sentAt, tookMs: performance.now() - started };
    } finally {
      late.work = undefined;
      signal.removeEventListener('abort', stop);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open = undefined;
  }

  async #connect(): Promise<void> {
    const { server, weather, identities, history } = this.#road;
    if (this.#open?.life === server.life && server.isUp) return;
    await this.#travel();
    if (weather.isCut) {
      await this.#wait(connectMs);
      throw failure('ETIMEDOUT');
    }
    if (!server.isUp && !weather.isIntercepted) throw failure('ECONNREFUSED');
    const peer = weather.isIntercepted ? identities.impostor : identities.server;
    const refused = pinnedTls(this.#trust).checkServerIdentity('localhost', peer);
    if (refused && !this.#road.isUnpinned) {
      history.tell(this.#being.name, 'refused to talk to somebody else', 'pin refused');
      throw refused;
    }
    this.#open = { peer, life: server.life };
  }

  /** The message sets off; its answer comes back, or it breaks, or nothing is ever heard of it. */
  #send(asked: Asked, answer: (answer: Answer) => void, fail: (error: unknown) => void): void {
    const { world, weather, identities, history, server } = this.#road;
    const tell = (what: string, reached: string) => history.tell(this.#being.name, `${what} ${asked.path}`, reached);
    if (this.#open?.peer !== identities.server)
      world.fail(new Broken(`${asked.path} was sent to a key that is not pinned`));
    const number = ++this.#sent;
    if (weather.isCut) tell('nobody gets', 'message lost');
    else world.plan(this.#delay(), () => this.#deliver(asked, answer, fail, tell));
    if (!world.chance.hit(weather.doubles)) return;
    world.plan(this.#delay() + world.chance.between(0, latestDoubleMs), async () => {
      tell('there arrives once more', 'message doubled');
      if (this.#sent > number) history.reach('message overtaken');
      await server.handle(asked);
    });
  }

  async #deliver(
    asked: Asked,
    answer: (answer: Answer) => void,
    fail: (error: unknown) => void,
    tell: (what: string, reached: string) => void,
  ): Promise<void> {
    const { world, weather, server } = this.#road;
    const given = await server.handle(asked);
    const isLost = weather.isCut || world.chance.hit(weather.loses);
    if (isLost) tell('lost is the answer to', 'answer lost');
    else if (given) this.#back(() => answer(given));
    const isNoticed = given ? isLost && !weather.isCut && world.chance.hit(0.5) : !isLost;
    if (isNoticed) this.#back(() => fail(failure('ECONNRESET')));
  }

  #back(arrive: () => void): void {
    this.#being.later(this.#delay(), arrive);
  }

  #delay(): number {
    return this.#road.world.chance.between(1, this.#road.weather.slowMs);
  }

  #travel(): Promise<void> {
    return this.#wait(this.#delay());
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#being.later(ms, resolve));
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}
