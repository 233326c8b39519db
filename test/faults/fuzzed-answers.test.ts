import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import tls from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { buildCa, buildCertificate } from '../../certs/build-certificates.ts';
import { spkiPin } from '../../certs/pin.ts';
import { buildHome } from '../../sentinel/build-home.ts';
import { buildRun } from '../../sentinel/build-run.ts';
import { Link } from '../../sentinel/link/link.ts';
import { Push } from '../../sentinel/link/push.ts';
import { openSeal } from '../../sentinel/seal.ts';
import { Spool } from '../../sentinel/spool/spool.ts';
import { Chance } from '../simulation/chance.ts';

const rounds = process.env.VEDETTE_LONG === '1' ? 10_000 : 60;
const kept = 3;
const never = new AbortController().signal;

/** What happens to an answer on its way, or what a server makes of it that is not well. */
const spoilers: readonly ((answer: Buffer, chance: Chance) => Buffer)[] = [
  (answer, chance) => answer.subarray(0, chance.between(0, answer.length - 1)),
  (answer, chance) => {
    const changed = Buffer.from(answer);
    changed[chance.between(0, answer.length - 1)] = chance.between(0, 255);
    return changed;
  },
  (answer, chance) => withoutSome(answer, chance, Buffer.alloc(0)),
  (answer, chance) => withoutSome(answer, chance, chance.bytes(chance.between(1, 40))),
  (answer, chance) => Buffer.concat([answer.subarray(0, chance.between(0, answer.length)), answer]),
  (answer, chance) => resized(answer, /"stored"/, chance.pick(['1', 'null', '[]', '{}', '"Stored"', '"lost"'])),
  (answer, chance) => resized(answer, /"runs":/, chance.pick(['"run":', '"runs":0,"x":', '"runs":null,"x":'])),
  (answer, chance) => resized(answer, /"id":"[^"]*"/, chance.pick(['"id":""', '"id":7', '"x":7', '"id":null'])),
  (answer, chance) => resized(answer, /HTTP\/1\.1 200 OK/, `HTTP/1.1 ${chance.between(100, 999)} X`),
  (answer, chance) => resized(answer, /content-length: \d+/, `content-length: ${chance.between(0, 2000)}`, false),
  (answer) => resized(answer, /\{.*$/, '<html><body>Sign in to the guest network</body></html>'),
  (_answer, chance) => chance.bytes(chance.between(0, 300)),
];

/** Some of the bytes replaced by others. */
function withoutSome(answer: Buffer, chance: Chance, by: Buffer): Buffer {
  const from = chance.between(0, answer.length - 1);
  return Buffer.concat([answer.subarray(0, from), by, answer.subarray(from + chance.between(1, 30))]);
}

/** A piece replaced, and unless told otherwise the length made to fit: what is wrong is the content alone. */
function resized(answer: Buffer, piece: RegExp, by: string, fit = true): Buffer {
  const text = answer.toString('latin1').replace(piece, by);
  const length = text.length - text.indexOf('\r\n\r\n') - 4;
  return Buffer.from(fit ? text.replace(/content-length: \d+/, `content-length: ${length}`) : text, 'latin1');
}

/** A server with the right key; `answer` makes the bytes of its answer from the ids of the runs that it was sent. */
async function buildGarbler(answer: (ids: readonly string[]) => Buffer) {
  const ca = await buildCa();
  const leaf = await buildCertificate({ issuer: ca });
  const server = tls.createServer({ cert: `${leaf.certPem}\n${ca.certPem}`, key: leaf.keyPem }, (socket) => {
    let seen = '';
    socket
      .on('error', () => {})
      .on('data', (data: Buffer) => {
        seen += data.toString('latin1');
        const [head = '', ...rest] = seen.split('\r\n\r\n');
        const body = rest.join('\r\n\r\n');
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
        if (body.length < length || Number.isNaN(length)) return;
        seen = '';
        const text = /content-encoding: gzip/i.test(head) ? gunzipSync(Buffer.from(body, 'latin1')).toString() : body;
        socket.end(answer(JSON.parse(text).runs.map(({ id }: { id: string }) => id)));
      });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    trust: { ca: ca.certPem, pins: new Set([spkiPin(ca.raw)]) },
    [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())),
  };
}

const acknowledgement = (id: string) => `{"id":"${id}","status":"stored"}`;

function whole(ids: readonly string[]): Buffer {
  const body = `{"runs":[${ids.map(acknowledgement).join()}],"serverTime":${Date.now()}}`;
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.from(head + body, 'latin1');
}

test('whatever becomes of an answer, a run leaves the device only if its acknowledgement stands there whole', async () => {
  const chance = new Chance(16);
  let said: Buffer = Buffer.alloc(0);
  let asked: readonly string[] = [];
  let isWell = false;
  await using garbler = await buildGarbler((ids) => {
    asked = ids;
    said = isWell ? whole(ids) : chance.pick(spoilers)(whole(ids), chance);
    return said;
  });
  using home = buildHome();
  using spool = new Spool({ file: path.join(home.folder, 'spool.sqlite'), seal: openSeal(home.folder, 'spool') });
  const sentinelId = '99999999-2222-4333-8444-555555555555';
  await using link = new Link({ server: garbler.url, trust: garbler.trust, sentinelId, apiKey: 'key-1' });
  const push = new Push(spool, link);
  for (let round = 0; round < rounds; round++) {
    while (spool.depth().waiting - spool.depth().putOff < kept) spool.add(buildRun(), []);
    const before = spool.depth().acknowledged;
    asked = [];
    said = Buffer.alloc(0);
    await push.step(never);
    const left = spool.depth().acknowledged - before;
    const named = asked.filter((id) => said.includes(acknowledgement(id))).length;
    assert.ok(left <= named, `${left} left, ${named} were named: ${JSON.stringify(said.toString('latin1'))}`);
  }
  const { stored, acknowledged, waiting, rejected, dropped } = spool.depth();
  assert.deepEqual([stored, dropped], [acknowledged + waiting + rejected, 0]);
  isWell = true;
  for (let step = 0; step < 100 && spool.depth().waiting > spool.depth().putOff; step++) await push.step(never);
  assert.equal(spool.depth().waiting, spool.depth().putOff, 'all is delivered once answers are well');
});
