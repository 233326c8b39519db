import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { buildWorld } from './build-world.ts';
import { addRun } from './commands/run.ts';
import { helpOf, Settings, SettingsWrong, serverConfig } from './config.ts';

test('what is given counts before the environment, and that before the defaults', () => {
  const environment = { VEDETTE_SERVER_PORT: '9000', VEDETTE_SERVER_HOST_NAMES: 'a.example,b.example' };
  const config = serverConfig({ host: '0.0.0.0' }, environment);
  assert.deepEqual(config, {
    ...{ dataFolder: '.vedette/server', host: '0.0.0.0', port: 9000, hostNames: ['a.example', 'b.example'] },
    ...{ installFolder: undefined, databaseUrl: undefined, databaseConnections: 100, evidenceGib: 20 },
    ...{ consolePort: undefined, consoleHost: undefined, consoleHostNames: [] },
    ...{ auditHeads: undefined, securityContact: undefined, securityKey: undefined },
    ...{ logLevel: 'info', secondFactor: 'required' },
    ...{ archiveFolder: undefined, browser: undefined, searchPath: undefined },
  });
  assert.equal(serverConfig({ port: '1' }, environment).port, 1);
  assert.equal(serverConfig({}, { VEDETTE_SERVER_PORT: '' }).port, 8443);
});

test('two connections, once the fewest, are enough to start, and one customer is open at a time', async () => {
  const { databaseConnections } = serverConfig({ databaseConnections: '2' }, {});
  await using world = await buildWorld({ settings: { databaseConnections } });
  for (const name of ['Acme', 'Other']) {
    const id = await world.addCustomer(name);
    assert.equal(await world.context.customers.use(id, async () => name), name);
  }
});

test('every fault is reported at once', () => {
  assert.throws(
    () => serverConfig({ port: '99999', logLevel: 'loud' }, {}),
    (error: Error) => error instanceof SettingsWrong && /^--port: .*; --log-level: /.test(error.message),
  );
  assert.throws(() => serverConfig({}, { VEDETTE_SERVER_PORT: 'x' }), /^SettingsWrong: VEDETTE_SERVER_PORT: /);
});

test('every setting is named by its option, and its help tells choices and what it is unless given', () => {
  const run = new Command();
  addRun(run);
  const options = new Set(run.commands.find((one) => one.name() === 'run')?.options.map(({ long }) => long));
  for (const name of Settings.keyof().options) {
    const given = { [name]: Symbol(name) };
    const told = (error: Error) => options.has(/^(--[\w-]+): /.exec(error.message)?.[1]);
    assert.throws(() => serverConfig(given, {}), told, name);
  }
  assert.equal(helpOf('host'), 'address to listen on (default: 127.0.0.1)');
  assert.match(helpOf('secondFactor'), /\(choices: required, optional; default: required\)$/);
  assert.match(helpOf('hostNames'), /localhost$/);
});

test('an address of another kind of database is none of a folder', () => {
  const quoted = ['"mysql://me:secret@db/x"', "'mysql://me:secret@db/x'", ' mysql://me:secret@db/x'];
  const others = ['postgres://me:secret@db/x', 'jdbc:mysql://db/x', 'mysql:/db/x', 'sqlite:///x'];
  for (const databaseUrl of [...quoted, ...others]) {
    const why = (error: Error) => /--database: must be mysql:/.test(error.message) && !/secret/.test(error.message);
    assert.throws(() => serverConfig({ databaseUrl }, {}), why, databaseUrl);
  }
  for (const databaseUrl of ['mysql://db/x', 'MariaDB://db/x', '/srv/vedette', 'C:/vedette', 'data:old']) {
    assert.equal(serverConfig({ databaseUrl }, {}).databaseUrl, databaseUrl);
  }
});

test('an address of a database server that is wrong in itself is told of as the setting that it is', () => {
  const faults: [string, RegExp][] = [
    ['mysql://me:secret@db', /^--database: names no schema: write it as mysql:/],
    ['mysql://me:secret@db/x?ssl=1', /^--database: .*knows \?ca=FILE, not \?ssl/],
    ['mysql://me:secret%@db/x', /^--database: .*cannot be read: write it as mysql:/],
    ['mysql://me:secret@127.0.0.1/x?ca=/nowhere', /^--database: .*give the database server's name/],
  ];
  for (const [databaseUrl, fault] of faults) {
    const why = (error: Error) =>
      error instanceof SettingsWrong && fault.test(error.message) && !/secret/.test(error.message);
    assert.throws(() => serverConfig({ databaseUrl }, {}), why, databaseUrl);
  }
  assert.ok(serverConfig({ databaseUrl: 'mysql://db/x?ca=/nowhere' }, {}), 'what is in files shows later');
});

test('the master key comes from the environment alone, and is left out where none is set', () => {
  assert.equal(serverConfig({}, { VEDETTE_MASTER_KEY: 'abc' }).masterKey, 'abc');
  assert.equal('masterKey' in serverConfig({}, { VEDETTE_MASTER_KEY: '' }), false);
  assert.equal(serverConfig({}, { VEDETTE_DATABASE_URL: 'mysql://db.example/x' }).databaseUrl, 'mysql://db.example/x');
});
