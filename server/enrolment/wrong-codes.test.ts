import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiPrefix } from '../../sentinel/protocol/messages.ts';
import { buildWorld } from '../build-world.ts';
import { addEnrolmentCode } from './codes.ts';
import { WrongCodes } from './wrong-codes.ts';

const times = (count: number, work: () => number) => Array.from({ length: count }, work);

test('a source may try twenty wrong codes, then ten a minute, and is told when; another one is not held up', () => {
  const wrong = new WrongCodes();
  const at = 1_000_000;
  assert.deepEqual(new Set(times(20, () => wrong.waitAfter('192.0.2.7', at))), new Set([0]));
  assert.equal(wrong.waitAfter('192.0.2.7', at), 6);
  assert.equal(wrong.waitAfter('::ffff:192.0.2.7', at + 1000), 5);
  assert.equal(wrong.waitAfter('192.0.2.8', at), 0);
  assert.equal(wrong.waitAfter('192.0.2.7', at + 7000), 0);
  assert.equal(wrong.waitAfter('192.0.2.7', at + 7000), 5);
});

test('all addresses of a network of IPv6 are one source', () => {
  const wrong = new WrongCodes();
  times(20, () => wrong.waitAfter('2001:db8::1', 0));
  for (const same of ['2001:db8::2', '2001:db8:0:0:ffff::', '2001:db8:0:0:1:2:3:4']) {
    assert.equal(wrong.waitAfter(same, 0), 6, same);
  }
  for (const other of ['2001:db8:0:1::1', '2001:db9::1', '::1']) assert.equal(wrong.waitAfter(other, 0), 0, other);
});

test('many sources together are held up too, and each is forgotten in the end', () => {
  const wrong = new WrongCodes();
  let next = 0;
  const fromAnywhere = () => wrong.waitAfter(`10.${next >> 16}.${(next >> 8) & 255}.${next++ & 255}`, 0);
  assert.deepEqual(new Set(times(500, fromAnywhere)), new Set([0]));
  assert.deepEqual(new Set(times(20_000, fromAnywhere)), new Set([1]));
  assert.equal(wrong.waitAfter('192.0.2.7', 60_000), 0);
});

test('whoever tries too many wrong codes is told to wait and sent away; a right one is taken all the same', async () => {
  await using world = await buildWorld();
  const code = await addEnrolmentCode(world.context, await world.addCustomer('Acme'), { location: 'Utrecht' });
  const enrol = (code: string) => {
    const body = { code, name: 'PC 7', platform: 'linux-x64', version: '0.1.0' };
    return world.ask('POST', `${apiPrefix}/enrolments`, { body });
  };
  for (let i = 0; i < 20; i++) assert.equal((await enrol(`wrong-${i}`)).code, 'CODE_UNKNOWN');
  const refused = await enrol('wrong-20');
  assert.deepEqual([refused.status, refused.code], [429, 'TOO_MANY_WRONG_CODES']);
  assert.match(refused.text, /this enrolment code was never given out/);
  assert.ok(Number(refused.headers['retry-after']) >= 1);
  assert.equal(refused.headers.connection, 'close');
  assert.equal((await enrol(code)).status, 200);
});
