import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildHome } from '../build-home.ts';
import { buildFile, buildRun } from '../build-run.ts';
import type { Run } from '../protocol/messages.ts';
import { openSeal } from '../seal.ts';
import { dropOldEvidence } from './bounds.ts';
import { Memory } from './memory.ts';
import { upgradeTables } from './schema.ts';
import { type EvidenceFile, Spool, type SpoolSettings } from './spool.ts';
import { SpoolFile, SpoolTooNew } from './spool-file.ts';

function open(home: string, settings: Partial<SpoolSettings> = {}): Spool {
  return new Spool({ file: path.join(home, 'spool.sqlite'), seal: openSeal(home, 'spool'), ...settings });
}

const all = (spool: Spool) => spool.oldestRuns(1000, Number.MAX_SAFE_INTEGER);

test('a run is there after a restart, and goes when the server has acknowledged it', () => {
  using home = buildHome();
  const run = buildRun();
  {
    using spool = open(home.folder);
    spool.add(run, []);
  }
  using spool = open(home.folder);
  assert.deepEqual(all(spool), [run]);
  spool.acknowledge([run.id]);
  assert.deepEqual(all(spool), []);
  assert.deepEqual([spool.depth().stored, spool.depth().acknowledged, spool.depth().bytes], [1, 1, 0]);
});

test('storing the same run again changes nothing', () => {
  using home = buildHome();
  using spool = open(home.folder);
  const run = buildRun();
  spool.add(run, []);
  spool.add(run, []);
  assert.equal(spool.depth().stored, 1);
});

test('the oldest come first, in batches bounded by number and by bytes, never empty', () => {
  using home = buildHome();
  using spool = open(home.folder);
  const runs = [1, 2, 3, 4].map(() => buildRun());
  for (const run of runs) spool.add(run, []);
  assert.deepEqual(spool.oldestRuns(2, 1e6), runs.slice(0, 2));
  assert.equal(spool.oldestRuns(100, spool.depth().bytes / 2 + 10).length, 2);
  assert.deepEqual(spool.oldestRuns(100, 1), runs.slice(0, 1));
});

test('evidence is offered only after its run was acknowledged, and stays until it is acknowledged itself', () => {
  using home = buildHome();
  using spool = open(home.folder);
  const [run, file] = [buildRun(), buildFile()];
  spool.add(run, [file]);
  assert.equal(spool.nextEvidence(), undefined);
  spool.acknowledge([run.id]);
  assert.deepEqual(spool.nextEvidence(), { runId: run.id, ...file });
  assert.deepEqual(spool.nextEvidence(), { runId: run.id, ...file });
  spool.acknowledgeEvidence(run.id, file.sha256);
  assert.equal(spool.nextEvidence(), undefined);
  assert.equal(spool.depth().bytes, 0);
});

test('a rejected run is set aside with its reason, it no longer waits and an acknowledgement does not remove it', () => {
  using home = buildHome();
  using spool = open(home.folder);
  const run = buildRun();
  spool.add(run, [buildFile()]);
  spool.reject(run.id, 'unknown monitor');
  spool.acknowledge([run.id]);
  assert.deepEqual(all(spool), []);
  assert.equal(spool.nextEvidence(), undefined);
  assert.deepEqual(spool.rejected(10), [{ id: run.id, reason: 'unknown monitor' }]);
});

test('whatever happens in whatever order, a stored run stays until it was acknowledged', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), files: fc.nat(2) }),
    fc.record({
      do: fc.constantFrom('acknowledge' as const, 'reject' as const),
      which: fc.array(fc.nat(30), { maxLength: 5 }),
    }),
    fc.record({ do: fc.constantFrom('reopen' as const, 'evidence' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      using home = buildHome();
      let spool = open(home.folder);
      const stored: Run[] = [];
      const waiting = new Set<string>();
      const rejected = new Set<string>();
      const files = new Map<string, 'held' | 'waiting' | 'rejected'>();
      for (const s of steps) {
        if (s.do === 'add') {
          const made = Array.from({ length: s.files }, () => buildFile(20));
          const run = buildRun();
          spool.add(run, made);
          stored.push(run);
          waiting.add(run.id);
          for (const file of made) files.set(`${run.id} ${file.sha256}`, 'held');
        } else if (s.do === 'acknowledge' || s.do === 'reject') {
          const ids = s.which.map((i) => stored[i]?.id ?? 'unknown');
          if (s.do === 'acknowledge') spool.acknowledge(ids);
          else for (const id of ids) if (waiting.has(id)) spool.reject(id, 'no');
          for (const id of ids) {
            if (!waiting.delete(id)) continue;
            if (s.do === 'reject') rejected.add(id);
            for (const key of files.keys()) {
              if (key.startsWith(id)) files.set(key, s.do === 'reject' ? 'rejected' : 'waiting');
            }
          }
        } else if (s.do === 'evidence') {
          const next = spool.nextEvidence();
          const key = [...files].find(([, state]) => state === 'waiting')?.[0];
          assert.equal(next && `${next.runId} ${next.sha256}`, key);
          if (next) spool.acknowledgeEvidence(next.runId, next.sha256);
          if (key) files.delete(key);
        } else {
          spool[Symbol.dispose]();
          spool = open(home.folder);
        }
        assert.deepEqual(
          all(spool),
          stored.filter((run) => waiting.has(run.id)),
        );
      }
      const depth = spool.depth();
      assert.deepEqual(
        [depth.stored, depth.waiting, depth.rejected, depth.acknowledged, depth.dropped],
        [stored.length, waiting.size, rejected.size, stored.length - waiting.size - rejected.size, 0],
      );
      spool[Symbol.dispose]();
    }),
    { numRuns: 40 },
  );
});

test('over its bounds the spool drops the oldest evidence first, then the oldest runs, and counts every one', () => {
  using home = buildHome();
  using spool = open(home.folder, { bounds: { maxBytes: 6000, maxAgeMs: 1e12 } });
  const runs = Array.from({ length: 40 }, () => buildRun());
  let evidenceGone = false;
  for (const run of runs) {
    spool.add(run, [buildFile(500)]);
    const depth = spool.depth();
    assert.ok(depth.bytes <= 6000, `${depth.bytes} bytes`);
    if (depth.dropped > 0 && !evidenceGone) {
      assert.equal(depth.evidence, 0);
      evidenceGone = true;
    }
    assert.equal(depth.stored, depth.waiting + depth.dropped);
  }
  assert.ok(evidenceGone);
  const left = all(spool);
  assert.deepEqual(left, runs.slice(-left.length));
  assert.equal(spool.depth().droppedEvidence, 40 - spool.depth().evidence);
});

test('on a full disk evidence makes room for runs; when there is none left the run is refused, and none is lost', () => {
  using home = buildHome();
  using spool = open(home.folder);
  for (let i = 0; i < 10; i++) spool.add(buildRun(), [buildFile(5000)]);
  spool.file.read((db) => db.exec('PRAGMA max_page_count = 1')); // SQLite makes that as many as there are
  const confirmed = all(spool);
  assert.throws(() => {
    for (;;) {
      const run = buildRun();
      spool.add(run, [buildFile(5000)]);
      confirmed.push(run);
    }
  }, /full/);
  const depth = spool.depth();
  assert.deepEqual([depth.waiting, depth.dropped, depth.evidence], [confirmed.length, 0, 0]);
  assert.ok(confirmed.length > 20);
  assert.deepEqual(
    all(spool).map((run) => run.id),
    confirmed.map((run) => run.id),
  );
  spool.file.read((db) => db.exec('PRAGMA max_page_count = 100000'));
  spool.add(buildRun(), [buildFile()]);
  assert.equal(spool.depth().evidence, 1);
});

test('age counts only while the sentinel runs: a step of the wall clock drops nothing', () => {
  using home = buildHome();
  const bounds = { maxBytes: 1e9, maxAgeMs: 1000 };
  let [wall, uptime] = [0, 5_000_000];
  const clocks = { bounds, now: () => wall, uptime: () => uptime };
  const runs = [buildRun(), buildRun(), buildRun()] as const;
  {
    using spool = open(home.folder, clocks);
    spool.add(runs[0], []);
    wall += 3e10;
    uptime += 900;
    spool.add(runs[1], []);
    assert.equal(spool.depth().waiting, 2);
  }
  uptime = 100; // the machine was started anew
  using spool = open(home.folder, clocks);
  uptime += 200;
  spool.add(runs[2], []);
  assert.deepEqual(all(spool), [runs[1], runs[2]]);
  assert.equal(spool.depth().dropped, 1);
});

test('nothing of a run or its evidence lies on the disk in clear', () => {
  using home = buildHome();
  const run = buildRun({ transactions: [{ name: 'canary-name', outcome: 'passed', startUs: 0, durationUs: 1 }] });
  using spool = open(home.folder);
  spool.add(run, [{ ...buildFile(), content: Buffer.from('canary-pixels') }]);
  for (const name of fs.readdirSync(home.folder)) {
    assert.doesNotMatch(fs.readFileSync(path.join(home.folder, name), 'latin1'), /canary/, name);
    assert.equal(fs.statSync(path.join(home.folder, name)).mode & 0o077, 0, name);
  }
});

test('a file that is no database any more is set aside, counted, and a new one begun', () => {
  using home = buildHome();
  fs.writeFileSync(path.join(home.folder, 'spool.sqlite'), 'x'.repeat(10_000));
  using spool = open(home.folder);
  spool.add(buildRun(), []);
  assert.equal(spool.depth().damaged, 1);
  assert.equal(spool.depth().waiting, 1);
  assert.equal(fs.statSync(path.join(home.folder, 'spool.sqlite.damaged')).size, 10_000);
});

test('a power cut while a damaged file is saved from costs nothing: at the next start that is done anew', () => {
  using home = buildHome();
  const runs = Array.from({ length: 40 }, () => buildRun());
  {
    using spool = open(home.folder);
    for (const run of runs) spool.add(run, []);
  }
  const file = path.join(home.folder, 'spool.sqlite');
  const bytes = fs.readFileSync(file);
  bytes.write('99', 60 + 2); // its version, which is also a fact in it
  fs.writeFileSync(file, bytes);
  const cut = () => {
    throw new Error('power cut');
  };
  for (let i = 0; i < 2; i++) assert.throws(() => new SpoolFile(file, cut), /power cut/);
  using spool = open(home.folder);
  assert.deepEqual(all(spool), runs);
  assert.equal(spool.depth().damaged, 1);
  assert.deepEqual(fs.globSync('*.fresh*', { cwd: home.folder }), []);
});

test('what is wrong is known to `status` although the file it was noted in was replaced', () => {
  using home = buildHome();
  const file = path.join(home.folder, 'spool.sqlite');
  using spool = open(home.folder);
  const memory = new Memory(spool.file);
  const problems = () => spool.file.read((db) => db.prepare("SELECT value FROM facts WHERE name = 'problems'").get());
  memory.note('problems', '["x"]');
  spool.file.read((db) => db.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
  spoilCounts(file);
  spool.file.read((db) => db.exec('PRAGMA shrink_memory')); // or it would be read from memory
  spool.add(buildRun(), []);
  assert.equal(spool.depth().damaged, 1);
  memory.note('problems', '["x"]');
  assert.deepEqual({ ...problems() }, { value: '["x"]' });
});

test('a file that is damaged while the disk is full is saved from once there is room, without a restart', () => {
  using home = buildHome();
  const file = path.join(home.folder, 'spool.sqlite');
  const runs = Array.from({ length: 20 }, () => buildRun());
  // No room for the tables, and none for the last runs.
  for (const missing of [10, 1]) {
    let [isFull, pages] = [false, 0];
    const openDatabase = (name: string) => {
      const db = new DatabaseSync(name, { timeout: 0 });
      if (isFull && name.endsWith('.fresh')) db.exec(`PRAGMA max_page_count = ${pages}`);
      return db;
    };
    using spool = open(home.folder, { openDatabase });
    for (const run of runs) spool.add(run, []);
    spool.file.read((db) => db.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
    pages = fs.statSync(file).size / 4096 - missing;
    spoilCounts(file);
    spool.file.read((db) => db.exec('PRAGMA shrink_memory')); // or it would be read from memory
    isFull = true;
    for (let i = 0; i < 3; i++) assert.throws(() => spool.add(buildRun(), []), { errcode: 13 });
    assert.ok(!fs.existsSync(`${file}.damaged`), 'what can be read is not given up for want of room');
    isFull = false;
    const late = buildRun();
    spool.add(late, []);
    assert.deepEqual(all(spool), [...runs, late]);
    assert.equal(spool.depth().damaged, 1);
    for (const name of fs.readdirSync(home.folder)) {
      if (name.startsWith('spool.sqlite')) fs.rmSync(path.join(home.folder, name));
    }
  }
});

/** Overwrites the page that begins the table of counts, which is read at every run. */
function spoilCounts(file: string): void {
  spoilFirstPage(file, 'counts', (page) => void page.fill(0xff));
}

/** Alters the page that begins this table or index. */
function spoilFirstPage(file: string, name: string, spoil: (page: Buffer) => void): void {
  const { number, size } = (() => {
    using db = new DatabaseSync(file, { readOnly: true });
    const number = db.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(name)?.rootpage;
    return { number: Number(number), size: Number(db.prepare('PRAGMA page_size').get()?.page_size) };
  })();
  const bytes = fs.readFileSync(file);
  spoil(bytes.subarray((number - 1) * size, number * size));
  fs.writeFileSync(file, bytes);
}

test('a flipped bit in an index, which hides runs from the one who sends them, is noticed, and all are delivered', () => {
  using home = buildHome();
  const runs = Array.from({ length: 20 }, () => buildRun());
  {
    using spool = open(home.folder);
    for (const run of runs) spool.add(run, []);
  }
  spoilFirstPage(path.join(home.folder, 'spool.sqlite'), 'runs_by_state', (page) => {
    const between = (page.indexOf('waiting') + page.lastIndexOf('waiting')) / 2;
    const entry = page.indexOf('waiting', between);
    page.writeUInt8(page.readUInt8(entry) ^ 0x80, entry);
  });
  using spool = open(home.folder);
  assert.deepEqual(all(spool), runs);
  assert.equal(spool.depth().damaged, 1);
});

test('with damage anywhere in the file, every run that is delivered is whole, and the spool goes on', () => {
  using home = buildHome(process.env.VEDETTE_TEST_MEMORY); // thousands of files, none of which outlives a power cut
  const runs = Array.from({ length: 60 }, () => buildRun());
  {
    using spool = open(home.folder);
    for (const run of runs) spool.add(run, [buildFile(300)]);
  }
  const file = path.join(home.folder, 'spool.sqlite');
  const whole = fs.readFileSync(file);
  const known = new Map(runs.map((run) => [run.id, run]));
  const flip = fc.record({ at: fc.nat(whole.length - 1), bit: fc.nat(7) });
  const [cuts, pages] = [Array.from({ length: 4097 }, (_, cut) => ({ cut })), zeroed(whole.length / 4096)];
  const some = fc.oneof(flip, fc.constantFrom(...cuts), fc.constantFrom(...pages));
  const damages = process.env.VEDETTE_LONG ? [...fc.sample(flip, 10_000), ...cuts, ...pages] : fc.sample(some, 60);
  for (const d of damages) {
    const bytes = Buffer.from('cut' in d ? whole.subarray(0, whole.length - d.cut) : whole);
    if ('bit' in d) bytes.writeUInt8(bytes.readUInt8(d.at) ^ (1 << d.bit), d.at);
    if ('zeroPage' in d) bytes.fill(0, d.zeroPage * 4096, (d.zeroPage + 1) * 4096);
    // Not the reserve: to write that anew would take most of the time.
    for (const name of fs.readdirSync(home.folder))
      if (!/^key$|reserve$/.test(name)) fs.rmSync(path.join(home.folder, name));
    fs.writeFileSync(file, bytes);
    using spool = open(home.folder);
    const extra = buildRun();
    spool.add(extra, []);
    const delivered = all(spool);
    const what = JSON.stringify(d);
    for (const run of delivered) assert.deepEqual(run, run.id === extra.id ? extra : known.get(run.id), what);
    assert.ok(
      delivered.some((run) => run.id === extra.id),
      what,
    );
    // one flipped bit costs at most the rows of one page, unless it hit what leads to them
    if ('bit' in d && d.at > 8 * 4096) assert.ok(delivered.length > 30, `${what}: ${delivered.length} left of 61`);
  }
});

function zeroed(pages: number): { zeroPage: number }[] {
  return Array.from({ length: pages }, (_, zeroPage) => ({ zeroPage }));
}

test('a flipped bit in what describes a table is noticed, and all runs are delivered', () => {
  using home = buildHome();
  const run = buildRun();
  {
    using spool = open(home.folder);
    spool.add(run, []);
  }
  const file = path.join(home.folder, 'spool.sqlite');
  const bytes = fs.readFileSync(file);
  const at = bytes.indexOf('UPDATE counts SET value = value + new.bytes');
  bytes.write('UPDATE count3', at); // of a trigger
  fs.writeFileSync(file, bytes);
  using spool = open(home.folder);
  const next = buildRun();
  spool.add(next, []);
  assert.deepEqual(all(spool), [run, next]);
  assert.equal(spool.depth().damaged, 1);
});

test('a row that was altered on disk is set aside and never delivered, those around it are', () => {
  using home = buildHome();
  const runs = [buildRun(), buildRun(), buildRun()] as const;
  using spool = open(home.folder);
  for (const run of runs) spool.add(run, []);
  spool.file.write((db) => db.prepare('UPDATE runs SET body = zeroblob(300) WHERE id = ?').run(runs[1].id));
  assert.deepEqual(all(spool), [runs[0], runs[2]]);
  assert.match(spool.rejected(5)[0]?.reason ?? '', /damaged on the disk/);
  assert.equal(spool.depth().damaged, 1);
});

test('a spool of a newer version is refused and left as it is', () => {
  using home = buildHome();
  const file = path.join(home.folder, 'spool.sqlite');
  open(home.folder)[Symbol.dispose]();
  const db = new DatabaseSync(file);
  db.exec("PRAGMA user_version = 99; UPDATE facts SET value = '99' WHERE name = 'schema'");
  db.close();
  const before = fs.readFileSync(file);
  assert.throws(() => open(home.folder), SpoolTooNew);
  assert.deepEqual(fs.readFileSync(file), before);
});

test('the sentinel remembers due times and script versions over a restart, versions only upwards', () => {
  using home = buildHome();
  {
    using spool = open(home.folder);
    const memory = new Memory(spool.file);
    memory.begun('m', 1000);
    memory.begun('m', 2000);
    memory.sawVersion('shop.spec.ts', 5);
    memory.sawVersion('shop.spec.ts', 3);
  }
  using spool = open(home.folder);
  const memory = new Memory(spool.file);
  assert.deepEqual(memory.settled(), new Map([['m', { dueAt: 2000, schedule: '' }]]));
  assert.equal(memory.highestVersion('shop.spec.ts'), 5);
  assert.equal(memory.highestVersion('other'), 0);
});

test('the oldest run is found through the index, however many are set aside', () => {
  using home = buildHome();
  using spool = open(home.folder);
  const plan = spool.file.read((db) =>
    db.prepare("EXPLAIN QUERY PLAN SELECT id FROM runs WHERE state = 'waiting' ORDER BY seq LIMIT 1").all(),
  );
  assert.match(String(plan[0]?.detail), /USING INDEX runs_by_state/);
  assert.equal(plan.length, 1);
});

test('what was dropped is told by kind and reason: screenshots first, then traces, then runs', () => {
  using home = buildHome();
  const bounds = { maxBytes: 9000, maxAgeMs: 1000 };
  let uptime = 0;
  using spool = open(home.folder, { bounds, uptime: () => uptime });
  const trace = () => ({ ...buildFile(1500), mediaType: 'application/zip' });
  const refused = buildRun();
  spool.add(refused, []);
  spool.reject(refused.id, 'no');
  for (let i = 0; i < 3; i++) spool.add(buildRun(), [buildFile(1000), trace()]);
  spool.add(buildRun(), [trace()]);
  const told = () => spool.depth().drops.map(({ kind, reason, count }) => `${count} ${kind} ${reason}`);
  assert.deepEqual(told(), ['3 evidence size']);
  spool.add(buildRun(), [trace()]);
  assert.deepEqual(told(), ['3 evidence size', '1 traces size']);
  uptime = 5000;
  spool.add(buildRun(), []);
  assert.deepEqual(told(), ['3 evidence size', '1 refused runs age', '5 runs age', '4 traces age', '1 traces size']);
  const { stored, waiting, rejected, acknowledged, dropped } = spool.depth();
  assert.equal(stored, waiting + rejected + acknowledged + dropped);
});

test('pictures of what passed make room for evidence of failures, in a full spool and on a full disk', () => {
  using home = buildHome();
  using spool = open(home.folder, { bounds: { maxBytes: 9000, maxAgeMs: 1e12 } });
  const waiting = () => {
    const kinds: string[] = [];
    for (let file = spool.nextEvidence(); file; file = spool.nextEvidence()) {
      kinds.push(file.whenPassed ? 'passed' : file.mediaType);
      spool.acknowledgeEvidence(file.runId, file.sha256);
    }
    return kinds;
  };
  const add = (...files: EvidenceFile[]) => {
    const run = buildRun();
    spool.add(run, files);
    spool.acknowledge([run.id]);
  };
  const passed = () => ({ ...buildFile(1500), whenPassed: true });
  add(buildFile(1500));
  add(passed());
  add(passed());
  add(buildFile(1500), buildFile(1500), buildFile(1500));
  assert.deepEqual(waiting(), [...Array(4).fill('image/webp'), 'passed']);
  add(buildFile(500));
  add(passed());
  spool.file.write(dropOldEvidence);
  assert.deepEqual(waiting(), ['image/webp']);
});

test('whatever is stored, acknowledged, refused or pushed out, the sum is right', () => {
  const step = fc.record({
    do: fc.constantFrom('add', 'acknowledge', 'reject', 'putOff'),
    which: fc.nat(3),
    bytes: fc.nat(900),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      using home = buildHome();
      using spool = open(home.folder, { bounds: { maxBytes: 5000, maxAgeMs: 1e12 } });
      for (const one of steps) {
        const chosen = all(spool)[one.which]?.id ?? 'none';
        if (one.do === 'add') spool.add(buildRun(), [buildFile(one.bytes + 1)]);
        if (one.do === 'acknowledge') spool.acknowledge([chosen]);
        if (one.do === 'reject' && chosen !== 'none') spool.reject(chosen, 'no');
        if (one.do === 'putOff') spool.putOff(chosen, 'it fails');
      }
      const { stored, waiting, rejected, acknowledged, dropped, bytes } = spool.depth();
      assert.equal(stored, waiting + rejected + acknowledged + dropped);
      assert.ok(bytes <= 5000 || waiting + rejected <= 1);
    }),
    { numRuns: process.env.VEDETTE_LONG ? 300 : 10 },
  );
});

test('of a storm of identical failures the screenshot goes out once an hour, every run is kept', () => {
  using home = buildHome();
  let uptime = 0;
  using spool = open(home.folder, { uptime: () => uptime });
  const file = buildFile();
  let sent = 0;
  for (let i = 0; i < 300; i++) {
    const run = buildRun();
    spool.add(run, [file]);
    spool.acknowledge([run.id]);
    for (let next = spool.nextEvidence(); next; next = spool.nextEvidence()) {
      spool.acknowledgeEvidence(next.runId, next.sha256);
      sent++;
    }
    uptime += 60_000;
  }
  assert.equal(sent, 5);
  assert.deepEqual([spool.depth().stored, spool.depth().evidence, spool.depth().bytes], [300, 0, 0]);
});

test('a spool of the first version is brought up to date, with its runs, due times and drops', () => {
  using home = buildHome();
  const file = path.join(home.folder, 'spool.sqlite');
  const run = buildRun();
  {
    using made = open(home.folder);
    made.add(run, []);
  }
  const [row] = rowsOf(file, 'SELECT * FROM runs');
  fs.rmSync(file);
  const old = new DatabaseSync(file);
  upgradeTables(old, 0, 1);
  old.exec("INSERT INTO counts VALUES ('droppedRuns', 4); INSERT INTO due VALUES ('m', 7)");
  const { id, outcome, state, stored_at, lived, bytes, body } = row ?? {};
  old
    .prepare('INSERT INTO runs (id, outcome, state, stored_at, lived, bytes, body) VALUES (?, ?, ?, ?, ?, ?, ?)')
    .run(...[id, outcome, state, stored_at, lived, bytes, body].map((value) => value ?? null));
  old.close();
  using spool = open(home.folder);
  assert.deepEqual(all(spool), [run]);
  assert.deepEqual([spool.depth().dropped, spool.depth().drops], [4, [{ kind: 'runs', reason: 'size', count: 4 }]]);
  assert.deepEqual(new Memory(spool.file).settled(), new Map([['m', { dueAt: 7, schedule: '' }]]));
});

function rowsOf(file: string, sql: string) {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}
