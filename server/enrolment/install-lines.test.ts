import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installLines } from './install-lines.ts';

const given = {
  url: 'https://vedette.example:8443/',
  pin: 'YWJj+/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL=',
  leafPin: 'ZGVm+/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL=',
  code: 'abcde-fghjk',
};

test('each line fetches over the pin of the server’s own key, and passes both pins and the code on', () => {
  const { unix, windows } = installLines(given);
  assert.equal(
    unix,
    `curl -fsSk --pinnedpubkey 'sha256//${given.leafPin}' 'https://vedette.example:8443/install/install.sh' | ` +
      `sh -s -- --server 'https://vedette.example:8443' --pin '${given.pin}' --leaf-pin '${given.leafPin}' --code 'abcde-fghjk'`,
  );
  assert.equal(
    windows,
    `& ([scriptblock]::Create((curl.exe -fsSk --pinnedpubkey 'sha256//${given.leafPin}' ` +
      `'https://vedette.example:8443/install/install.ps1' | Out-String))) -server 'https://vedette.example:8443' ` +
      `-pin '${given.pin}' -LeafPin '${given.leafPin}' -code 'abcde-fghjk'`,
  );
});

test('nothing that a shell would take for more than a word gets into a line', () => {
  for (const bad of ["a' ; rm -rf ~ '", '$(id)', 'a b', '', '`id`', "a'"])
    for (const name of ['pin', 'leafPin', 'code'])
      assert.throws(() => installLines({ ...given, [name]: bad }), TypeError);
  assert.throws(() => installLines({ ...given, url: 'http://vedette.example' }), TypeError);
  assert.throws(() => installLines({ ...given, url: "https://a'b.example" }), TypeError);
});
