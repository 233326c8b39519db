import assert from 'node:assert/strict';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import type { ArchiveMonthRow } from '../../db/customer/rows.ts';
import type { Run } from '../../sentinel/protocol/messages.ts';
import { buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { newIdentity } from './age.ts';
import { keepArchive } from './apart.ts';
import { ArchiveFault } from './archive-fault.ts';
import { type ArchiveWorld, buildArchive, january, present } from './build-archive.ts';
import { eraseArchive } from './erase-archive.ts';
import { type Ledger, readLedger } from './ledger.ts';
import { takeOver } from './mark.ts';
import { steps } from './move.ts';
import { openPiece } from './open-piece.ts';
import { nameOf } from './piece.ts';
import { dueOf, runArchive } from './run-archive.ts';
import { type ArchiveStore, storeOf } from './store.ts';
import { faultOf } from './verify-entry.ts';

const isLong = process.env.VEDETTE_LONG !== undefined;
const minute = 60_000;
const times = (from: number, count: number, everyMs = 47 * minute) =>
  Array.from({ length: count }, (_, i) => from + i * everyMs + (i % 7));

/** Each run that was sent is in one place, and counted once. */
function assertEachOnce(ledger: Ledger, sent: readonly Run[]) {
  const all = [...ledger.live, ...ledger.late, ...ledger.archived];
  assert.deepEqual(all.toSorted(), sent.map((run) => run.id).toSorted());
  assert.equal(ledger.counted, sent.length);
  assert.equal(ledger.results, 2 * sent.length);
}

/** Runs as they come while months are moved: on time, after their month was closed, and of clocks that are off. */
async function sendMore(world: ArchiveWorld, seed: number): Promise<Run[]> {
  const onTime = await world.send([present - minute * (seed + 1)]);
  const late = await world.send([january.from + seed * 31 * minute + 13], present);
  return [...onTime, ...late];
}

test('killed before any step, with runs coming in, it goes on: each run is in one place, and counted once', async () => {
  await using world = await buildArchive();
  const sent = await world.send([...times(january.from, 60), ...times(january.to, 20), present - 3_600_000]);
  const rounds = isLong ? 5 : 1;
  let seed = 0;
  for (const step of steps.filter((one) => isLong || !['write', 'pack', 'prove'].includes(one))) {
    for (let round = 0; round < rounds; round++) {
      // In the short run one of them is killed for good: the others fail there.
      const isKilled = isLong || step === 'remove';
      const stop = async (at: string) => {
        if (at === step) throw new Error(`ended before ${step}`);
      };
      await assert.rejects(
        isKilled
          ? keepArchive(world.server, world.customer.id, seed + 1, (at) => at !== step)
          : runArchive(world.server, world.customer.id, { onStep: stop, oneMonth: true }),
        `it did not come to ${step}`,
      );
      sent.push(...(await sendMore(world, seed++)));
      if (!isLong && step !== 'end') continue;
      const { live, late, archived } = await readLedger(world);
      const places = new Set([...live, ...late, ...archived]);
      assert.deepEqual(
        sent.filter((run) => !places.has(run.id)).map((run) => run.id),
        [],
        `lost before ${step}`,
      );
    }
  }
  await runArchive(world.server, world.customer.id);
  await runArchive(world.server, world.customer.id);
  const ledger = await readLedger(world);
  assertEachOnce(ledger, sent);
  assert.ok(ledger.archived.length > 80 && ledger.late.length === 0);
  assert.deepEqual(
    readdirSync(join(world.root, world.customer.id)).filter((name) => name.endsWith('.unfinished')),
    [],
  );
});

type Read = (content: Buffer) => Buffer;

/** The store, but for what goes wrong in it. */
function faulty(
  store: ArchiveStore,
  wrong: { begin?: Error; write?: Error; commit?: Error; read?: Read },
): ArchiveStore {
  return {
    ...store,
    async begin(entry) {
      if (wrong.begin) throw wrong.begin;
      const draft = await store.begin(entry);
      return {
        async write(file, content) {
          await draft.write(file, content);
          if (wrong.write && file.startsWith('results')) throw wrong.write;
        },
        async commit() {
          if (wrong.commit) throw wrong.commit;
          await draft.commit();
        },
      };
    },
    async read(entry, file) {
      const found = await store.read(entry, file);
      return found && wrong.read ? Readable.from([wrong.read(await buffer(found))]) : found;
    },
  };
}

const flipped: Read = (content) => {
  const at = content.length >> 1;
  content.writeUInt8(content.readUInt8(at) ^ 4, at);
  return content;
};

test('where the store fails nothing leaves the database; with the next turn one of two jobs moves all, once', async () => {
  await using world = await buildArchive();
  const { server, customer, root } = world;
  const sent = await world.send([...times(january.from, 30), present - 3_600_000]);
  const store = storeOf(server, customer.id);
  const failures: [string, Parameters<typeof faulty>[1]][] = [
    ['full', { write: new Error('ENOSPC: no space left on device') }],
    ['read-only', { begin: new Error('EROFS: read-only file system') }],
    ['gone in the midst', { commit: new Error('EIO: i/o error') }],
    ['giving less than was written', { read: (content) => content.subarray(0, content.length - 100) }],
    ['giving a bit that is another', { read: flipped }],
  ];
  for (const [name, wrong] of failures) {
    await assert.rejects(runArchive(server, customer.id, { store: faulty(store, wrong), oneMonth: true }), name);
    const { live, archived } = await readLedger(world);
    assert.deepEqual([live.length, archived.length], [sent.length, 0], name);
  }
  const keys = server.registry('archive_keys').where({ customer_id: customer.id });
  await keys.clone().update({ retired_at: present });
  await assert.rejects(runArchive(server, customer.id), /has no key/);
  await keys.clone().update({ retired_at: null });
  renameSync(root, `${root}-away`);
  await assert.rejects(runArchive(server, customer.id), ArchiveFault);
  mkdirSync(root); // as where a disk is not mounted
  await assert.rejects(runArchive(server, customer.id), /see that its disk is mounted/);
  assert.deepEqual(readdirSync(root), []);
  rmSync(root, { recursive: true });
  renameSync(`${root}-away`, root);
  // A clock of the server that is years off makes no month old.
  const due = (years: number) => dueOf({ ...server, now: () => present + years * 365 * 86_400_000 }, customer.id);
  assert.deepEqual((await due(10)).map(nameOf), ['2025-01', '2025-02']);
  assert.deepEqual((await due(-1)).map(nameOf), ['2025-01']); // it was begun
  const both = await Promise.allSettled([runArchive(server, customer.id), runArchive(server, customer.id)]);
  assert.ok(both.some(({ status }) => status === 'rejected'));
  await runArchive(server, customer.id);
  assertEachOnce(await readLedger(world), sent);
  assert.deepEqual([await due(10), await due(-1)], [[], []]);
});

test('runs that are sent again after their month has gone are known, and late ones go into supplements', async () => {
  await using world = await buildArchive();
  const { server, customer } = world;
  const { monitorId } = world;
  const sent = await world.send([...times(january.from, 30), present - 3_600_000]);
  await runArchive(server, customer.id);
  const answers = await world.use((db) => ingest(db, world.sentinel, sent, present));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set(['exists']));
  const late = await world.send(times(january.from + 5, 12), present);
  assert.deepEqual((await dueOf(server, customer.id)).map(nameOf), ['2025-01.1']);
  await runArchive(server, customer.id);
  const later = await world.send(times(january.from + 9, 3), present);
  await runArchive(server, customer.id);
  // A clock that is a year and nine months back: filed by its corrected start, where it is seen.
  const off = january.from + 77;
  const odd = buildRun({ monitorId, startedAt: off, clockOffsetMs: present - off - minute });
  const [answer] = await world.use((db) => ingest(db, world.sentinel, [odd, ...late], present));
  assert.equal(answer?.status, 'stored');
  await world.use((db) => rollUpDirty(db));
  const ledger = await readLedger(world);
  assertEachOnce(ledger, [...sent, ...late, ...later, odd]);
  assert.deepEqual(ledger.live.toSorted(), [sent.at(-1)?.id, odd.id].toSorted());
});

test('what was altered, exchanged or sealed for somebody else is not believed, and the rest still is', async () => {
  await using world = await buildArchive();
  const { server, customer, key, root } = world;
  await world.send([...times(january.from, 5), ...times(january.to, 5), present - 3_600_000]);
  await runArchive(server, customer.id);
  const rows = await world.use((db) => db<ArchiveMonthRow>('archive_months').orderBy('from_at'));
  const [one, other] = rows as [ArchiveMonthRow, ArchiveMonthRow];
  const store = storeOf(server, customer.id);
  const into = mkdtempSync(join(tmpdir(), 'vedette-opened-'));
  await assert.rejects(openPiece(server, store, one, [(await newIdentity()).identity], into), /cannot be opened/);
  assert.deepEqual(readdirSync(into), []);
  const path = (row: ArchiveMonthRow, file: string) => join(root, customer.id, row.folder ?? '', file);
  await using theirs = await buildArchive();
  await theirs.send([...times(january.from, 5), present - 3_600_000]);
  await runArchive(theirs.server, theirs.customer.id);
  const theirRow = await theirs.use((db) => db<ArchiveMonthRow>('archive_months').first());
  const anothers = join(theirs.root, theirs.customer.id, theirRow?.folder ?? '');
  const changes: [string, (file: string) => void][] = [
    ['results.parquet.age', (file) => writeFileSync(file, flipped(readFileSync(file)))],
    ['runs.parquet.age', (file) => writeFileSync(file, readFileSync(file).subarray(0, -1))],
    ['runs.parquet.age', (file) => copyFileSync(path(other, 'runs.parquet.age'), file)],
    ['manifest.json.age', (file) => copyFileSync(path(other, 'manifest.json.age'), file)],
    ['seal.json', (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('2025-01', '2025-02'))],
    ['seal.json', (file) => copyFileSync(path(other, 'seal.json'), file)],
    ['runs.parquet.age', (file) => copyFileSync(join(anothers, 'runs.parquet.age'), file)],
    ['manifest.json.age', (file) => copyFileSync(join(anothers, 'manifest.json.age'), file)],
    ['seal.json', (file) => copyFileSync(join(anothers, 'seal.json'), file)],
    ['runs.parquet.age', (file) => rmSync(file)],
  ];
  for (const [file, change] of changes) {
    const whole = readFileSync(path(one, file));
    change(path(one, file));
    assert.match((await faultOf(server, store, one)) ?? '', new RegExp(`${one.folder}/${file}`));
    assert.equal(await faultOf(server, store, other), undefined);
    writeFileSync(path(one, file), whole);
  }
  assert.equal(await faultOf(server, store, one), undefined);
  const aside = `${path(one, '')}-aside`;
  cpSync(path(one, ''), aside, { recursive: true });
  cpSync(anothers, path(one, ''), { recursive: true });
  assert.match(
    (await faultOf(server, store, one)) ?? '',
    new RegExp(one.folder ?? ''),
    'all of it is another customer’s',
  );
  rmSync(path(one, ''), { recursive: true });
  cpSync(aside, path(one, ''), { recursive: true });
  rmSync(aside, { recursive: true });
  const manifest = await openPiece(server, store, one, [key.identity], into);
  assert.equal(manifest.month, '2025-01');
  rmSync(into, { recursive: true });
});

test('of a server and a copy of it, or one made of its backup, the one that comes second removes and writes nothing', async () => {
  await using world = await buildArchive();
  const { server, customer, root, config } = world;
  const sent = await world.send([...times(january.from, 8), present - 3_600_000]);
  await runArchive(server, customer.id, { oneMonth: true });
  const copy = `${config.dataFolder}-copy`;
  cpSync(config.dataFolder, copy, { recursive: true });
  const late = await world.send([january.from + 5], present);
  await runArchive(server, customer.id);
  const others = { ...server, dataFolder: copy };
  const before = readdirSync(join(root, customer.id));
  const [month] = await world.use((db) => db<ArchiveMonthRow>('archive_months').orderBy('from_at'));
  const store = storeOf(others, customer.id);
  await assert.rejects(store.remove(month?.folder ?? ''), /another server.*take-over/);
  await assert.rejects(store.begin('2025-03-00000000'), ArchiveFault);
  await assert.rejects(makeOfNothing(world), ArchiveFault);
  assert.match(eraseArchive(others, customer.id, 2).left ?? '', /another server/);
  assert.deepEqual(readdirSync(join(root, customer.id)), before);
  assert.ok(month && !(await faultOf(others, store, month)), 'it may read');
  await takeOver(others);
  await store.remove('2025-03-00000000');
  await assert.rejects(storeOf(server, customer.id).remove(month?.folder ?? ''), /another server/);
  await takeOver(server);
  assertEachOnce(await readLedger(world), [...sent, ...late]);
});

/** As a server does that was brought back from a backup, in which no mark is. */
async function makeOfNothing({ server, customer }: ArchiveWorld): Promise<void> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'vedette-anew-'));
  try {
    await storeOf({ ...server, dataFolder }, customer.id).begin('2025-03-00000000');
  } finally {
    rmSync(dataFolder, { recursive: true });
  }
}
