import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildWorld } from './build-world.ts';
import { SettingsWrong, serverConfig } from './config.ts';

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
    (error: Error) => error instanceof SettingsWrong && /port: .*logLevel: /.test(error.message),
  );
});

test('the master key comes from the environment alone, and is left out where none is set', () => {
  assert.equal(serverConfig({}, { VEDETTE_MASTER_KEY: 'abc' }).masterKey, 'abc');
  assert.equal('masterKey' in serverConfig({}, { VEDETTE_MASTER_KEY: '' }), false);
  assert.equal(serverConfig({}, { VEDETTE_DATABASE_URL: 'mysql://db.example/x' }).databaseUrl, 'mysql://db.example/x');
});
