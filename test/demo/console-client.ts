import type { Agent } from 'node:https';
import { pinnedAgent, send } from '../../server/build-client.ts';

export interface Trust {
  ca: string;
  pins: ReadonlySet<string>;
}

/** Asks the console's API as one user, as the browser does: signed in, over a connection to the pinned server only. */
export class ConsoleClient implements AsyncDisposable {
  readonly #agent: Agent;
  readonly #url: string;
  #cookie = '';

  constructor(url: string, trust: Trust) {
    this.#url = url;
    this.#agent = pinnedAgent(trust);
  }

  async signIn(name: string, password: string): Promise<void> {
    const body = JSON.stringify({ name, password });
    const headers = { 'content-type': 'application/json' };
    const asked = { agent: this.#agent, method: 'POST', path: '/api/v1/session', headers };
    const answer = await send(this.#url, asked, body);
    if (answer.status !== 200) throw new Error(`${name} could not sign in (${answer.status})`);
    this.#cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  }

  async get<T>(path: string): Promise<T> {
    const asked = { agent: this.#agent, path: `/api/v1${path}`, headers: { cookie: this.#cookie } };
    const { status, body } = await send(this.#url, asked);
    if (status === 200) return JSON.parse(body.toString()) as T;
    throw new Error(`GET ${path} was answered with ${status}: ${body.toString().slice(0, 200)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
  }
}
