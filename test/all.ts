import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { check } from './check.ts';
import { memory, startMariaDb } from './mariadb.ts';

/*
 * `npm test [-- [--long] [--mariadb] [FILE...]]`: the checks, then every test, then those of what customers' data pass
 * through once more on MariaDB. The last line says `N passed, N failed`. `--long` runs the full counts of what is sampled
 * otherwise (VEDETTE_LONG=1 in a test); `--mariadb` runs the named files on MariaDB alone.
 */

/** What runs on both engines. */
const onBothEngines =
  '{db/{customers,migrate,copy/*,customer/migrations},server/{ingest,rollups,reports}/*,server/databases/migrate-all}.test.ts';
/** They ask SQLite how it goes about a query, or fill its file. */
const onSqliteAlone = ['server/reports/query-plan.test.ts', 'server/ingest/full-disk.test.ts'];

const root = resolve(import.meta.dirname, '..');
const long = process.argv.includes('--long');
const onMariaDbAlone = process.argv.includes('--mariadb');
const named = process.argv.slice(2).filter((a) => !a.startsWith('--'));
if (long) process.env.VEDETTE_LONG = '1';
// What the children of runs load is made ready once, not by every test.
const libraries = mkdtempSync(join(tmpdir(), 'vedette-libraries-'));
process.env.VEDETTE_SENTINEL_LIBRARIES = libraries;
// Where programs keep their compiled code too: a process of a test takes half the time to start.
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/vedette');

const files = (
  named.length > 0 ? named : globSync('{certs,db,scripts-library,sentinel,server,test}/**/*.test.ts', { cwd: root })
)
  .map((file) => resolve(root, file))
  // What starts browsers and servers goes first: it takes longest.
  .sort((a, b) => weight(b) - weight(a) || a.localeCompare(b));

const began = performance.now();
const failedChecks = named.length > 0 ? [] : await check();
let passed = 0;
let failed = failedChecks.length;
const failures: string[] = failedChecks.map((name) => `check: ${name}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1)); // the server with it
const database = await startMariaDb(memory());
try {
  process.env.VEDETTE_TEST_MARIADB = JSON.stringify({ socket: database.socket, url: database.url });
  if (!onMariaDbAlone) await runAll(files);
  process.env.VEDETTE_TEST_DATABASE = database.url;
  const again = globSync(onBothEngines, { cwd: root, exclude: onSqliteAlone }).map((file) => resolve(root, file));
  if (onMariaDbAlone) await runAll(files);
  else if (named.length === 0) await runAll(again);
} finally {
  await database.close();
}

async function runAll(some: string[]): Promise<void> {
  // One more than there are processors: much of what the long ones do is waiting.
  const concurrency = Math.max(3, Math.floor(availableParallelism() / 2) + 1);
  const stream = run({ files: some, concurrency, timeout: 20 * 60_000 });
  stream.on('test:pass', ({ details, skip }) => {
    if (details.type === 'suite') return;
    if (skip) fail('a skipped test is a failed one');
    else passed++;
  });
  stream.on('test:fail', ({ name, file, details }) => {
    const where = process.env.VEDETTE_TEST_DATABASE === undefined ? '' : ' (on MariaDB)';
    if (details.type !== 'suite') fail(`${file ? relative(root, file) : '?'}: ${name}${where}`);
  });
  stream.compose(new spec()).pipe(process.stdout, { end: false });
  await new Promise((resolved) => stream.once('end', resolved));
}

function fail(what: string): void {
  failed++;
  failures.push(what);
}

function weight(file: string): number {
  return /test\/(e2e|faults|security)/.test(file) ? 2 : /runner|server/.test(file) ? 1 : 0;
}

// The reporter writes its summary after the stream has ended.
await new Promise((resolved) => setImmediate(resolved));
process.exitCode = failed === 0 ? 0 : 1;
process.once('beforeExit', () => {
  rmSync(libraries, { recursive: true, force: true });
  for (const failure of failures) console.log(`failed: ${failure}`);
  console.log(`took ${Math.round((performance.now() - began) / 1000)} s`);
  console.log(`${passed} passed, ${failed} failed`);
});
