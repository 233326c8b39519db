import type { z } from 'zod';
import { Connection } from '../../sentinel/link/connection.ts';
import { explain } from '../../sentinel/link/explain.ts';
import { Problem } from '../../sentinel/protocol/messages.ts';
import { proxyFor } from '../../sentinel/proxy.ts';
import { Failure } from '../failure.ts';
import { TokenAnswer } from '../publish/deployment.ts';
import type { Account } from './account.ts';

const prefix = '/api/v1';
const deadlineMs = 120_000;

/** The server said no. */
export class Denied extends Failure {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The server's API as the holder of a token, over a connection that has proved the pin. */
export class Api implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #token: string;

  constructor({ server, ca, pin, token }: Account) {
    this.#connection = new Connection(server, { ca, pins: new Set([pin]) }, { proxy: proxyFor(server, undefined) });
    this.#token = token;
  }

  /** Whose token it is. */
  whose(): Promise<TokenAnswer> {
    return this.ask('GET', '/token', TokenAnswer);
  }

  /** One question; the answer must fit `schema`. Throws `Denied`, or `Failure` if there is no answer. */
  async ask<S extends z.ZodType>(
    method: 'GET' | 'PUT' | 'POST',
    path: string,
    schema: S,
    body?: object,
  ): Promise<z.output<S>> {
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const headers = { authorization: `Bearer ${this.#token}`, ...type };
    const asked = { method, path: prefix + path, headers, deadlineMs, ...(body && { body: JSON.stringify(body) }) };
    const never = new AbortController().signal;
    const { status, body: bytes } = await this.#connection.exchange(asked, never).catch((cause: unknown) => {
      throw new Failure(sentence(explain(cause, this.#connection.address)), { cause });
    });
    const value = jsonOf(bytes);
    if (status >= 200 && status < 300) return understood(schema, value);
    const problem = Problem.safeParse(value);
    if (!problem.success) throw new Failure(`The server answered with HTTP ${status}: try again later.`);
    throw new Denied(problem.data.code, sentence(problem.data.detail ?? problem.data.title));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }
}

function understood<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Failure('The server answered in a way that this version of vedette does not understand: update it.');
}

/** What the server says begins small, as its logs do; names of files stay as they are. */
function sentence(text: string): string {
  const begun = text.replace(/^[a-z]+(?= )/, (word) => word.charAt(0).toUpperCase() + word.slice(1));
  return /[.?!]$/.test(begun) ? begun : `${begun}.`;
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined; // the schema says no
  }
}
