import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { check } from './check.ts';
import { memory, startMariaDb } from './mariadb.ts';

/*
 * `npm test [-- [--long] [--mariadb] [FILE...]]`: the checks, every test, and those of what customers' data pass through
 * once more on MariaDB; or the named files alone. The last line says `N passed, N failed`. `--long` runs the full counts
 * of what is sampled otherwise (VEDETTE_LONG=1 in a test); `--mariadb` runs files on MariaDB alone.
 */

/** What runs on both engines. */
const onBothEngines =
  '{db/{customers,migrate,copy/*,customer/migrations},server/{ingest,rollups,reports}/*,server/databases/migrate-all}.test.ts';
/** What does so in full alone: accounts, what is written down of them, their keys, and every route. */
const onBothEnginesInFull =
  '{server/{accounts,audit,keys}/*,server/http/rate-limits,server/{every-route,route-walk,fuzz},test/security/secrets}.test.ts';
/** They go through what others have been through on MariaDB, and do so there in full alone. */
const onceIsEnough = [
  'server/reports/routes.test.ts',
  'server/reports/compare.test.ts',
  'server/rollups/forget-hours.test.ts',
];
/** They ask SQLite how it goes about a query, or fill its file. */
const onSqliteAlone = ['server/reports/query-plan.test.ts', 'server/ingest/full-disk.test.ts'];

const root = resolve(import.meta.dirname, '..');
const long = process.argv.includes('--long');
const onMariaDbAlone = process.argv.includes('--mariadb');
const named = process.argv.slice(2).filter((a) => !a.startsWith('--'));
const at = { cwd: root };
/** One more than there are processors: much of what the long ones do is waiting. */
const atATime = Math.max(3, Math.floor(availableParallelism() / 2) + 1);
/** Below test/. */
const longest = [
  'e2e/demo',
  'compatibility',
  'e2e/every-page',
  'simulation',
  'error-codes',
  'e2e/install',
  'security/limits',
  'faults/kill',
];
if (long) process.env.VEDETTE_LONG = '1';
// Pictures for a person to look at are taken where somebody asked for that file, or for all there is.
if (long || named.length > 0) process.env.VEDETTE_TEST_PICTURES = '1';
// What the children of runs load is made ready once, not by every test.
const libraries = mkdtempSync(join(tmpdir(), 'vedette-libraries-'));
process.env.VEDETTE_SENTINEL_LIBRARIES = libraries;
// No power cut is tried on databases of tests, and to sync them would take as long as all else they do.
process.env.VEDETTE_TEST_MEMORY = memory();
// Where programs keep their compiled code too: a process of a test takes half the time to start.
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/vedette');

const began = performance.now();
let passed = 0;
let failed = 0;
const failures: string[] = [];

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1)); // the server with it
if (named.length > 0) await runAll(named, { onMariaDb: onMariaDbAlone, atATime });
else await everything();

/** All at the same time: much of what each does is waiting. */
async function everything(): Promise<void> {
  const all = '{certs,db,packaging,scripts-library,sentinel,server,test}/**/*.test.ts';
  const files = globSync(all, at).sort(longestFirst);
  const both = long ? [onBothEngines, onBothEnginesInFull] : onBothEngines;
  const again = globSync(both, { ...at, exclude: long ? onSqliteAlone : [...onSqliteAlone, ...onceIsEnough] });
  const checks = check().then((names) => names.forEach((name) => void fail(`check: ${name}`)));
  const once = onMariaDbAlone ? undefined : runAll(files, { onMariaDb: false, atATime });
  await Promise.all([checks, once, runAll(again, { onMariaDb: true, atATime: 1 })]);
}

interface Way {
  onMariaDb: boolean;
  atATime: number;
}

/** With a database server of its own: the same file may be run the other way at the same time, with schemas of the same names. */
async function runAll(some: string[], { onMariaDb, atATime: concurrency }: Way): Promise<void> {
  await using server = await startMariaDb(memory());
  const { socket, url } = server;
  const files = some.map((file) => resolve(root, file));
  const databases = {
    VEDETTE_TEST_MARIADB: JSON.stringify({ socket, url }),
    ...(onMariaDb && { VEDETTE_TEST_DATABASE: url }),
  };
  const env = { ...process.env, ...databases };
  const stream = run({ files, concurrency, env, timeout: 20 * 60_000 });
  const where = (file = '?') => `${relative(root, file)}${onMariaDb ? ' (on MariaDB)' : ''}`;
  const accountedFor = new Set<string>();
  stream.on('test:pass', ({ name, file, details, skip }) => {
    if (details.type === 'suite' || name === file) return;
    if (skip) fail(`${where(file)}: ${name}: a skipped test is a failed one`);
    else passed++;
  });
  stream.on('test:fail', ({ name, file = '?', details }) => {
    if (details.type !== 'suite') fail(`${where(file)}: ${name}`);
    accountedFor.add(file);
  });
  stream.on('test:summary', ({ file = '?' }) => accountedFor.add(file));
  stream.compose(new spec()).pipe(process.stdout, { end: false });
  await new Promise((resolved) => stream.once('end', resolved));
  // Node takes a file for passed in which a test ended the process.
  for (const file of files) if (!accountedFor.has(file)) fail(`${where(file)}: no tests, or ended before they had`);
}

function fail(what: string): void {
  failed++;
  failures.push(what);
}

/** Those that take longest first, so that none of them is alone at the end; then what starts servers and browsers. */
function longestFirst(a: string, b: string): number {
  return weight(b) - weight(a) || a.localeCompare(b);
}

function weight(file: string): number {
  if (longest.some((one) => file.startsWith(`test/${one}`))) return 3;
  return file.startsWith('test/') ? 2 : /runner|server/.test(file) ? 1 : 0;
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
