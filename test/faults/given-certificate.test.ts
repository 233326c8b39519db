import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { type BuiltCertificate, buildCa, buildCertificate } from '../../certs/build-certificates.ts';
import { spkiPin } from '../../certs/pin.ts';
import { FakeRunner } from '../../sentinel/build-runner.ts';
import { readConfig } from '../../sentinel/config.ts';
import { enrol } from '../../sentinel/enrol.ts';
import { runSentinel } from '../../sentinel/main.ts';
import { addCustomer } from '../../server/accounts/customers.ts';
import { type Given, giveCertificate } from '../../server/certificates/give.ts';
import { rotate, rotation, usualSeenWithinDays } from '../../server/certificates/rotation.ts';
import { serverConfig } from '../../server/config.ts';
import { addEnrolmentCode } from '../../server/enrolment/codes.ts';
import { installLines } from '../../server/enrolment/install-lines.ts';
import { openContext } from '../../server/http/context.ts';
import { startServer } from '../../server/main.ts';
import { until } from './until.ts';

/*
 * A server goes over from its own authority to a certificate that its operator has got elsewhere, renews it, and goes over to
 * the backup key; on a real server with real sentinels (only what would run scripts is not real).
 */

const [names, seenWithinDays] = [['localhost', '127.0.0.1'], usualSeenWithinDays];

test('a server shows a certificate of its operator’s own, and sentinels follow to it, to its renewal and to its backup key', async () => {
  await using site = await buildSite();
  const { certificate, sentinel, server } = site;
  const own = await certificate('own', { names, subject: 'CN=own' });
  const renewed = await certificate('own', { names, subject: 'CN=renewed' });
  const backup = await certificate('backup', { names, subject: 'CN=backup' });
  const later = await certificate('later', { names, subject: 'CN=later' });
  const first = await sentinel('first', server.context.authority.pins[0] ?? '');
  await site.allKnow();
  await first.stop();

  // Sentinels that know only our own authority are told before anything changes for them.
  await assert.rejects(site.use(own), /Refused: sentinels need the pin of a second key.*--backup-key/);
  await assert.rejects(site.use({ ...own, backupPin: own.pin }), /the backup key is one of those in use/);
  assert.equal(await site.use({ ...own, backupPin: backup.pin }), 'announce');
  await assert.rejects(site.use(own), /Refused: 1 sentinels have not said/);
  await assert.rejects(site.rotate(), /Refused: .* certs use/);
  first.start();
  await site.allKnow();
  assert.equal(await site.use(own), 'show');
  assert.deepEqual(server.context.authority.pins, [own.pin, backup.pin]);
  await site.allKnow();
  await assert.rejects(site.rotate(), /Refused: .* certs use/);

  // A device is added with the pin as it is printed; curl compares the same.
  const second = await sentinel('second', own.pin);
  const { ca, pins } = readConfig(second.home);
  assert.deepEqual([new X509Certificate(ca).subject, pins], ['CN=Root', [own.pin, backup.pin]]);
  const { unix } = installLines({ url: server.url, pin: own.pin, leafPin: own.pin, code: 'abcde' });
  const fetched = unix.replace('/install/install.sh', '/certs/ca.pem').replace(/ \| .*/, '');
  const { stdout } = await promisify(execFile)('sh', ['-c', fetched]);
  assert.equal(stdout, ca);

  // With the same key nobody has to be told.
  await first.stop();
  assert.equal(await site.use(renewed), 'renew');
  await site.shows(renewed);
  first.start();
  await site.allKnow();

  assert.equal(await site.use({ ...backup, backupPin: later.pin }), 'show');
  await site.shows(backup);
  await site.allKnow();
  for (const one of [first, second]) assert.deepEqual(readConfig(one.home).pins, [backup.pin, later.pin]);
  const told = await server.context.registry('audit').where({ action: 'certificate-given' }).pluck('detail');
  assert.deepEqual(
    told.map((detail) => JSON.parse(detail).step),
    ['announce', 'show', 'renew', 'show'],
  );

  // One that lacks a name is refused where the name is known, and not taken up where the server alone knows it.
  const nameless = await certificate('backup', { names: ['vedette.example'], subject: 'CN=nameless' });
  await assert.rejects(
    site.use({ ...nameless, hostNames: names }),
    /not for localhost, 127\.0\.0\.1, but for DNS:vedette/,
  );
  assert.equal(await site.use({ ...nameless, hostNames: [] }, { isTaken: false }), 'renew');
  await until('it was looked at', () => site.logged().some((line) => line.includes('not for localhost')));
  await site.shows(backup);
});

type Built = Given & { pin: string; subject: string };

async function buildSite() {
  await using made = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'vedette-given-'));
  made.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const config = serverConfig(
    { dataFolder: join(folder, 'server'), port: 0, logLevel: 'silent', hostNames: names },
    {},
  );
  const server = await startServer(config);
  made.defer(() => server.close());
  const lines: string[] = [];
  server.context.log.error = (...said: unknown[]) => void lines.push(String((said[0] as { err?: Error }).err?.message));
  const { id: customerId } = await addCustomer(server.context, 'Acme');
  const code = await addEnrolmentCode(server.context, customerId, { location: 'Utrecht', uses: 10 });
  const root = await buildCa({ subject: 'CN=Root' });
  const middle = await buildCa({ subject: 'CN=Middle', issuer: root });
  const keys = new Map<string, BuiltCertificate>();
  const write = (name: string, ...pem: string[]) => {
    const file = join(folder, name);
    writeFileSync(file, pem.join('\n'), { mode: 0o600 });
    return file;
  };
  const desks = made.use(new AsyncDisposableStack());
  const whole = made.move();
  return {
    server,
    logged: () => lines,
    /** Files of a certificate that has the key of this name. */
    async certificate(key: string, wishes: { names: string[]; subject: string }): Promise<Built> {
      const known = keys.get(key);
      const leaf = await buildCertificate({ issuer: middle, ...(known && { keys: known.keys }), ...wishes });
      keys.set(key, leaf);
      const certificate = write(`${wishes.subject}.pem`, leaf.certPem, middle.certPem);
      const files = { certificate, key: write(`${key}.key`, leaf.keyPem), ca: write('root.pem', root.certPem) };
      return { ...files, hostNames: names, pin: spkiPin(leaf.raw), subject: wishes.subject };
    },
    /** As the command line does it: beside the running server, which is to notice by itself. */
    async use(given: Given, { isTaken = true } = {}) {
      await using beside = await openContext(config);
      const done = await giveCertificate(beside, given, { force: false, seenWithinDays });
      const pins = beside.authority.pins.join();
      if (isTaken) await until('the server has noticed', () => server.context.authority.pins.join() === pins);
      return done;
    },
    async rotate() {
      await using beside = await openContext(config);
      return await rotate(beside, { force: false });
    },
    async allKnow(): Promise<void> {
      await until('all know the pins', async () => (await rotation(server.context)).unready.length === 0);
    },
    async shows({ subject, pin }: Built): Promise<void> {
      const curl = ['-sSk', '--pinnedpubkey', `sha256//${pin}`, '-w', '%{certs}', '-o', '/dev/null', server.url];
      const isShown = async () => {
        const { stdout } = await promisify(execFile)('curl', curl);
        return new X509Certificate(stdout.slice(stdout.indexOf('-----BEGIN'))).subject === subject;
      };
      await until(`${subject} is shown`, () => isShown().catch(() => false));
    },
    /** A device enrolled by the pin, at work. */
    async sentinel(name: string, pin: string) {
      const home = join(folder, name);
      await enrol({ server: server.url, pin, code, name, home }, new AbortController().signal);
      const desk = desks.use(new Desk(home));
      desk.start();
      return desk;
    },
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  };
}

class Desk implements AsyncDisposable {
  readonly home: string;
  #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(home: string) {
    this.home = home;
  }

  start(): void {
    this.#stop = new AbortController();
    const openRunner = async () => new FakeRunner();
    const settings = { home: this.home, openRunner, allowRoot: true, log: () => {}, concurrency: 1 };
    this.#running = runSentinel(settings, this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
