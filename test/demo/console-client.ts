import { Agent, request } from 'undici';
import { pinnedTls } from '../../certs/pin.ts';

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
    this.#agent = new Agent({ connect: pinnedTls(trust) });
  }

  async signIn(name: string, password: string): Promise<void> {
    const body = JSON.stringify({ name, password });
    const {
      statusCode,
      headers,
      body: answer,
    } = await request(`${this.#url}/api/v1/session`, {
      dispatcher: this.#agent,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    await answer.dump();
    if (statusCode !== 200) throw new Error(`${name} could not sign in (${statusCode})`);
    this.#cookie = String(headers['set-cookie']).split(';')[0] ?? '';
  }

  async get<T>(path: string): Promise<T> {
    const { statusCode, body } = await request(`${this.#url}/api/v1${path}`, {
      dispatcher: this.#agent,
      headers: { cookie: this.#cookie },
    });
    if (statusCode === 200) return (await body.json()) as T;
    throw new Error(`GET ${path} was answered with ${statusCode}: ${(await body.text()).slice(0, 200)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}
