import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { SecureVersion, TlsOptions } from 'node:tls';
import { promisify } from 'node:util';
import { type BuiltCertificate, buildCa, buildCertificate, tempFolder } from '../../certs/build-certificates.ts';
import { buildTlsServer } from '../../certs/build-tls-server.ts';
import { weakKeys } from '../../certs/build-weak-keys.ts';
import { spkiPin, type Trust } from '../../certs/pin.ts';
import { buildProxy } from '../../sentinel/build-proxy.ts';
import { buildFile, buildRun } from '../../sentinel/build-run.ts';
import { enrol } from '../../sentinel/enrol.ts';
import { Connection } from '../../sentinel/link/connection.ts';
import { Link } from '../../sentinel/link/link.ts';

/*
 * Servers that are not the sentinel's own. Whatever they show and whichever way a sentinel comes, they are to get not one
 * byte of a request. That the counters count is seen at the right server.
 */

const long = process.env.VEDETTE_LONG === '1';
const day = 86_400_000;
const never = new AbortController().signal;
let ca: BuiltCertificate;
let leaf: BuiltCertificate;

before(async () => {
  ca = await buildCa();
  leaf = await buildCertificate({ issuer: ca });
});

/** What a sentinel trusts: its authority, with the pin of the authority or of the server's own key. */
function trust(pinned: BuiltCertificate = ca): Trust {
  return { ca: ca.certPem, pins: new Set([spkiPin(pinned.raw)]) };
}

interface Wrong {
  chain(): Promise<BuiltCertificate[]>;
  /** The server's own key is pinned, not its authority's. */
  pinOfLeaf?: boolean;
  options?: TlsOptions;
}

const wrongServers: Record<string, Wrong> = {
  'another key under the same authority': {
    chain: async () => [await buildCertificate({ issuer: ca }), ca],
    pinOfLeaf: true,
  },
  'another authority': { chain: () => ofAuthority(), options: {} },
  'a certificate that signed itself': { chain: async () => [await buildCertificate(), ca] },
  'an expired certificate': {
    chain: async () => [
      await buildCertificate({
        issuer: ca,
        notBefore: new Date(Date.now() - 3 * day),
        notAfter: new Date(Date.now() - day),
      }),
      ca,
    ],
  },
  'one that is not valid yet': {
    chain: async () => [
      await buildCertificate({
        issuer: ca,
        notBefore: new Date(Date.now() + day),
        notAfter: new Date(Date.now() + 3 * day),
      }),
      ca,
    ],
  },
  'another name': { chain: async () => [await buildCertificate({ issuer: ca, names: ['elsewhere.example'] }), ca] },
  'the pinned key for another name': {
    chain: async () => [await buildCertificate({ issuer: ca, names: ['elsewhere.example'], keys: leaf.keys }), ca],
    pinOfLeaf: true,
  },
  'a weak key': {
    chain: async () => [await buildCertificate({ issuer: ca, keys: await weakKeys() }), ca],
    options: { ciphers: 'DEFAULT@SECLEVEL=0' }, // the server must be willing, so that it is the client that refuses
  },
};

async function ofAuthority(): Promise<BuiltCertificate[]> {
  const other = await buildCa({ subject: 'CN=Somebody else' });
  return [await buildCertificate({ issuer: other }), other];
}

/** Every call that a sentinel makes, by name. */
const calls: Record<string, (link: Link) => Promise<{ kind: string }>> = {
  postRuns: (link) => link.postRuns([buildRun()], never),
  putEvidence: (link) => link.putEvidence({ runId: buildRun().id, ...buildFile() }, never),
  assignments: (link) => link.assignments(undefined, 0, never),
  script: (link) => link.script('0'.repeat(64), never),
  heartbeat: (link) => link.heartbeat(heartbeat, never),
  leave: (link) => link.leave(never),
};
const notCalls = ['constructor', 'trust', 'answersSince', 'offsetAt'];
const spool = { runs: 0, rejected: 0, dropped: 0 };
const heartbeat = { version: '1', platform: 'x', spool, sandboxLevel: 3, problems: [] };

test('the calls tried here are all that there are', () => {
  const members = Object.entries(Object.getOwnPropertyDescriptors(Link.prototype));
  const methods = members.filter(([, { value }]) => typeof value === 'function').map(([name]) => name);
  const all = methods.filter((name) => !notCalls.includes(name));
  assert.deepEqual(all.sort(), Object.keys(calls).sort(), 'add a new call to `calls`');
});

function linkTo(port: number, trusted: Trust): Link {
  const sentinelId = '99999999-2222-4333-8444-555555555555';
  return new Link({ server: `https://localhost:${port}`, trust: trusted, sentinelId, apiKey: 'canary' });
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  describe(version, () => {
    test('the right server gets every call', async () => {
      await using server = await buildTlsServer([leaf, ca], version);
      for (const pinned of [ca, leaf]) {
        await using link = linkTo(server.port, trust(pinned));
        for (const call of Object.values(calls)) await call(link);
      }
      assert.equal(server.seen.requests, 2 * Object.keys(calls).length);
    });

    for (const [name, wrong] of Object.entries(wrongServers)) {
      test(`${name}: refused in every call and in enrolment, before the first byte`, async () => {
        const chain = await wrong.chain();
        await using server = await buildTlsServer(chain, version, wrong.options);
        const trusted = trust(wrong.pinOfLeaf ? leaf : ca);
        await using link = linkTo(server.port, trusted);
        for (const [what, call] of Object.entries(calls)) assert.equal((await call(link)).kind, 'none', what);
        using home = tempFolder();
        const [pin = ''] = trusted.pins;
        const wishes = {
          server: `https://localhost:${server.port}`,
          pin,
          code: 'canary',
          name: 'Desk',
          home: home.folder,
        };
        await assert.rejects(enrol(wishes, never), { name: 'EnrolmentFailed' });
        assert.deepEqual([server.seen.bytes, server.seen.requests], [0, 0]);
      });
    }
  });
}

/** A port that leads to one server now, and to another one later: as routes change, under the same name. */
async function buildSwitch(first: number) {
  let target = first;
  const open = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const onward = net.connect(target, '127.0.0.1').on('error', () => client.destroy());
    open.add(client.on('error', () => onward.destroy())).add(onward);
    client.pipe(onward).pipe(client);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    leadTo(port: number) {
      target = port;
      for (const socket of open) socket.destroy();
      open.clear();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

const fresh = {
  method: 'POST',
  path: '/',
  headers: { connection: 'close' },
  body: 'secret',
  deadlineMs: 30_000,
} as const;

for (const version of ['TLSv1.2', 'TLSv1.3'] as const satisfies SecureVersion[]) {
  test(`${version}: a rogue that shares the ticket keys of the right server can't resume its sessions`, async () => {
    const ticketKeys = randomBytes(48);
    const rogueChain = await ofAuthority();
    await using right = await buildTlsServer([leaf, ca], version, { ticketKeys });
    await using rogue = await buildTlsServer(rogueChain, version, { ticketKeys });
    await using front = await buildSwitch(right.port);
    await using connection = new Connection(`https://localhost:${front.port}`, trust());
    for (let i = 0; i < 3; i++) await connection.exchange(fresh, never);
    front.leadTo(rogue.port);
    // A connection without pins has left tickets in this process before.
    const careless = new Agent({ rejectUnauthorized: false });
    const [answer] = await once(request({ host: 'localhost', port: front.port, agent: careless }).end(), 'response');
    await once(answer.resume(), 'close');
    careless.destroy();
    const before = rogue.seen.bytes;
    for (let i = 0; i < 3; i++) await assert.rejects(connection.exchange(fresh, never), { name: 'PinMismatch' });
    assert.deepEqual([right.seen.requests, rogue.seen.bytes], [3, before]);
  });

  test(`${version}: a pin is compared at each of many connections`, async () => {
    const count = long ? 10_000 : 20;
    await using server = await buildTlsServer([leaf, ca], version);
    let compared = 0;
    const pins = new (class extends Set<string> {
      override has(pin: string): boolean {
        const found = super.has(pin);
        if (found) compared++;
        return found;
      }
    })(trust().pins);
    await using connection = new Connection(`https://localhost:${server.port}`, { ca: ca.certPem, pins });
    for (let i = 0; i < count; i++) await connection.exchange(fresh, never);
    assert.deepEqual(
      [server.seen.connections, compared],
      [count, 2 * count],
      'in the handshake, and before it is used',
    );
  });
}

test('an idle connection is not used any more once the pins have changed', async () => {
  await using server = await buildTlsServer([leaf, ca], 'TLSv1.3');
  await using connection = new Connection(`https://localhost:${server.port}`, trust());
  const ask = { method: 'GET', path: '/', deadlineMs: 30_000 } as const;
  await connection.exchange(ask, never);
  connection.trust({ ca: ca.certPem, pins: new Set([`${'A'.repeat(43)}=`]) });
  await assert.rejects(connection.exchange(ask, never), { name: 'PinMismatch' });
  assert.equal(server.seen.requests, 1);
});

describe('the environment', { concurrency: true }, () => {
  const trustVariables = (folder: string) => ({
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    NODE_EXTRA_CA_CERTS: join(folder, 'rogue.pem'),
    SSL_CERT_FILE: join(folder, 'rogue.pem'),
    SSL_CERT_DIR: folder,
    NODE_USE_SYSTEM_CA: '1',
  });
  const proxyVariables = (url: string) => ({
    HTTPS_PROXY: url,
    HTTP_PROXY: url,
    ALL_PROXY: url,
    NODE_USE_ENV_PROXY: '1',
  });

  /** A process that asks a server with pins, and then once more without; what it says, and what its warnings name. */
  async function ask(server: string, env: Record<string, string>) {
    const file = join(import.meta.dirname, 'ask-pinned.ts');
    const own = { CA: ca.certPem, PIN: spkiPin(ca.raw), URL: server, PATH: process.env.PATH ?? '' };
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env: { ...own, ...env } });
    return stdout;
  }

  /** Each set of variables, and in the long form each variable on its own. */
  function sets(all: Record<string, string>): Record<string, string>[] {
    return long ? [all, ...Object.entries(all).map(([name, value]) => ({ [name]: value }))] : [all];
  }

  test('variables that other programs obey make a rogue no server of ours, and are warned of', async () => {
    using temp = tempFolder();
    const chain = await ofAuthority();
    await using rogue = await buildTlsServer(chain, 'TLSv1.3');
    writeFileSync(join(temp.folder, 'rogue.pem'), chain[1]?.certPem ?? '');
    for (const env of sets(trustVariables(temp.folder))) {
      const said = await ask(`https://localhost:${rogue.port}`, env);
      assert.match(said, /^PinMismatch\n/);
      for (const name of Object.keys(env)) assert.match(said, new RegExp(`the variable ${name} `));
      if ('NODE_TLS_REJECT_UNAUTHORIZED' in env) assert.match(said, /others were served/, 'the variables have teeth');
    }
    assert.ok(rogue.seen.requests > 0);
    assert.equal(rogue.seen.posts, 0);
  });

  test('variables for proxies lead to a rogue, which gets nothing', async () => {
    await using rogue = await buildTlsServer(await ofAuthority(), 'TLSv1.3');
    await using proxy = await buildProxy({ port: rogue.port });
    for (const env of sets(proxyVariables(proxy.url))) {
      const said = await ask('https://vedette.example', env);
      for (const name of Object.keys(env).filter((n) => n !== 'HTTPS_PROXY'))
        assert.match(said, new RegExp(`the variable ${name} `));
      if ('HTTPS_PROXY' in env) assert.match(said, /^PinMismatch\n/);
    }
    assert.ok(proxy.seen.connects.includes('vedette.example:443'), 'the proxy was used');
    assert.equal(rogue.seen.bytes, 0);
  });

  test('code that is loaded before ours and switches checks off everywhere does not reach the pins, and is warned of', async () => {
    using temp = tempFolder();
    await using rogue = await buildTlsServer(await ofAuthority(), 'TLSv1.3');
    const hook = join(temp.folder, 'hook.cjs');
    const loosened = `process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; require('tls').checkServerIdentity = () => undefined;`;
    writeFileSync(hook, loosened);
    const said = await ask(`https://localhost:${rogue.port}`, { NODE_OPTIONS: `--require=${hook}` });
    assert.match(said, /^PinMismatch\n/);
    assert.match(said, /the variable NODE_OPTIONS can load foreign code/);
    assert.match(said, /others were served/);
    assert.equal(rogue.seen.posts, 0);
  });
});
