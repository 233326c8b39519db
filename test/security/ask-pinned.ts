import { weakeningVariables } from '../../sentinel/config.ts';
import { Connection } from '../../sentinel/link/connection.ts';
import { proxyFor } from '../../sentinel/proxy.ts';

/* Run by wrong-server.test.ts with an environment that is to be obeyed by nobody. Says how a pinned request ended. */

const { CA: ca = '', PIN: pin = '', URL: server = '' } = process.env;
const connection = new Connection(server, { ca, pins: new Set([pin]) }, { proxy: proxyFor(server, undefined) });
const asked = { method: 'POST', path: '/', body: 'secret', deadlineMs: 20_000 } as const;
const ended = connection.exchange(asked, new AbortController().signal);
console.log(await ended.then(() => 'SERVED').catch((error: Error) => error.name));
await connection[Symbol.asyncDispose]();
for (const warning of weakeningVariables()) console.log(warning);
console.log(
  await fetch(server)
    .then(() => 'others were served')
    .catch(() => 'others were refused'),
);
process.exit(); // a connection that fetch keeps is of no interest
