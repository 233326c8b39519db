import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { Door } from './door.ts';
import { usualLimits } from './limits.ts';

/** A connection from there, as far as a door looks at it. */
function from(remoteAddress: string, remotePort: number): Socket {
  const socket = new Socket();
  const resetAndDestroy = () => socket.destroy();
  const properties = { remoteAddress, remotePort, resetAndDestroy };
  for (const [name, value] of Object.entries(properties)) Object.defineProperty(socket, name, { value });
  return socket;
}

test('a /64 network of IPv6 has as many connections of strangers as one address of IPv4, whichever addresses it uses', async () => {
  const server = createServer().removeAllListeners('connection');
  server.on('connection', () => {});
  const door = new Door({ ...usualLimits, strangersPerAddress: 2 });
  door.guard(server);
  const come = (address: string, port: number) => {
    const socket = from(address, port);
    server.emit('connection', socket);
    return { socket, isIn: !socket.destroyed };
  };
  const [first, second] = [come('2001:db8::1', 5), come('2001:db8::2', 5)];
  assert.deepEqual([first.isIn, second.isIn, come('2001:db8::ffff:3', 7).isIn], [true, true, false]);
  assert.equal(come('2001:db8:0:1::1', 5).isIn, true);
  come('192.0.2.1', 1);
  come('::ffff:192.0.2.1', 2);
  assert.deepEqual([come('192.0.2.1', 3).isIn, come('192.0.2.2', 1).isIn], [false, true]);

  door.letIn(from('2001:db8::1', 5)); // has shown a session on it
  assert.deepEqual([come('2001:db8::4', 5).isIn, come('2001:db8::5', 5).isIn], [true, false]);
  second.socket.destroy();
  await once(second.socket, 'close');
  assert.deepEqual([come('2001:db8::6', 5).isIn, come('2001:db8::7', 5).isIn], [true, false]);
  door.close();
});
