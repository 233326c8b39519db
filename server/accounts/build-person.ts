import { type TOTP, URI } from 'otpauth';
import type { Answer, Ask, World } from '../build-world.ts';
import type { Session } from './shapes.ts';

export const goodPassword = 'violet kettle runs north';

/** For tests: a browser, which keeps the cookies that it is given, and the CSRF token of its session. */
export interface Person {
  ask: Ask;
  signIn(name: string, password?: string, code?: string): Promise<Answer>;
  /** Value of the cookie with the session's token. */
  token(): string;
}

export function buildPerson(world: Pick<World, 'ask'>): Person {
  const cookies = new Map<string, string>();
  let csrf = '';
  const ask: Ask = async (method, path, question = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { cookie, 'x-csrf-token': csrf, ...question.headers };
    const answer = await world.ask(method, path, { ...question, headers });
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
      cookies.set(name, value);
    }
    csrf = csrfTokenIn(answer) ?? csrf;
    return answer;
  };
  return {
    ask,
    signIn: (name, password = goodPassword, code) => ask('POST', '/api/v1/session', { body: { name, password, code } }),
    token: () => cookies.get('__Host-vedette') ?? '',
  };
}

function csrfTokenIn({ status, text }: Answer): string | undefined {
  if (status !== 200 || !text.includes('"csrfToken"')) return undefined;
  const body = JSON.parse(text) as Session & { session?: Session };
  return (body.session ?? body).csrfToken;
}

/** Sets a second factor up in the person's session; returns its secret, what its app shows at an instant, and the recovery codes. */
export async function addFactor({ ask }: Person, now: () => number, password = goodPassword) {
  const begun = await ask('POST', '/api/v1/session/second-factor', { body: { password } });
  const { uri } = begun.json() as { uri: string };
  const totp = URI.parse(uri) as TOTP;
  const codeAt = (timestamp: number) => totp.generate({ timestamp });
  const done = await ask('PUT', '/api/v1/session/second-factor', { body: { code: codeAt(now()) } });
  const { recoveryCodes } = done.json() as { recoveryCodes: string[] };
  return { codeAt, recoveryCodes, secret: totp.secret.base32 };
}
