import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentProxy, httpProxy } from './proxy-address.ts';

test("a proxy's address may lack the scheme and hold a login, which is kept apart", () => {
  assert.deepEqual(httpProxy('proxy.example:3128'), { origin: 'http://proxy.example:3128' });
  const authorization = `Basic ${Buffer.from('desk:p@:ss').toString('base64')}`;
  assert.deepEqual(httpProxy('http://desk:p%40%3Ass@proxy.example:3128/'), {
    origin: 'http://proxy.example:3128',
    authorization,
  });
});

test('what is no address of a proxy is refused without its password', () => {
  for (const address of ['https://a:canary@proxy.example', 'socks5://a:canary@proxy.example', 'http://proxy/path', ''])
    assert.throws(
      () => httpProxy(address),
      (error: Error) => /give one like http:\/\//.test(error.message) && !error.message.includes('canary'),
    );
  assert.throws(() => httpProxy('http://a:%E0%A4%A@proxy.example'), /can't be used/);
});

test('the proxy of the environment is for all servers but this device and those that NO_PROXY names', () => {
  const proxied = (server: string, noProxy = '') =>
    environmentProxy(server, { httpsProxy: 'http://proxy.example:3128', noProxy }) !== undefined;
  assert.ok(proxied('https://vedette.example:8443'));
  assert.ok(!environmentProxy('https://vedette.example', {}));
  for (const here of ['https://localhost:8443', 'https://127.0.0.1', 'https://[::1]:8443']) assert.ok(!proxied(here));
  for (const entry of ['*', 'vedette.example', '.example', 'a.test, EXAMPLE', 'vedette.example:8443', '*.example'])
    assert.ok(!proxied('https://vedette.example:8443', entry), entry);
  for (const entry of ['dette.example', 'vedette.example:443', 'x.vedette.example', ':8443', ','])
    assert.ok(proxied('https://vedette.example:8443', entry), entry);
  assert.ok(!proxied('https://[2001:db8::1]', '2001:db8::1'));
  assert.ok(!proxied('https://vedette.example', 'vedette.example:443'));
});
