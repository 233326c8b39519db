import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { connect, createSecureContext } from 'node:tls';
import { pinnedTls } from '../../certs/pin.ts';
import { apiPrefix } from '../../sentinel/protocol/messages.ts';

/* Clients that say next to nothing and hold what they have got: a process of its own, so that the server's is not theirs. */

export interface SlowFleet {
  port: number;
  ca: string;
  pins: readonly string[];
  count: number;
}

export interface SlowTold {
  /** Connections that are open, and those that the server has ended so far. */
  open: number;
  ended: number;
}

const told: SlowTold = { open: 0, ended: 0 };
/** An address has but so many connections of strangers. */
const addressOf = (index: number) => `127.0.2.${1 + (index % 20)}`;

process.once('message', (fleet: SlowFleet) => {
  const trust = pinnedTls({ ca: fleet.ca, pins: new Set(fleet.pins) });
  const secureContext = createSecureContext(trust);
  const dial = async (index: number): Promise<Socket> => {
    const to = { host: '127.0.0.1', port: fleet.port, localAddress: addressOf(index) };
    const isTls = index % 4 !== 0;
    const socket = isTls ? connect({ ...trust, secureContext, ...to, servername: 'localhost' }) : connectTcp(to);
    socket.on('error', () => {});
    await once(socket, isTls ? 'secureConnect' : 'connect');
    return socket;
  };
  for (let index = 0; index < fleet.count; index++) void again(index, dial, sayings[index % 4] ?? ['', '']);
  setInterval(() => process.send?.(told), 50);
});
process.once('disconnect', () => process.exit());

/** What each kind says at once, and then every second. */
const line = `POST ${apiPrefix}/enrolments HTTP/1.1\r\nhost: localhost\r\n`;
const sayings: readonly [string, string][] = [
  ['', ''],
  ['', ''],
  [`${line}x: `, 'x'],
  [`${line}content-type: application/json\r\ncontent-length: 60000\r\n\r\n{`, ' '],
];

/** Connects anew whenever it was cut off. */
async function again(index: number, dial: (index: number) => Promise<Socket>, [first, drip]: [string, string]) {
  for (;;) {
    try {
      const socket = await dial(index);
      told.open++;
      if (first !== '') socket.write(first);
      const timer = setInterval(() => drip !== '' && socket.writable && socket.write(drip), 1000);
      socket.resume();
      if (!socket.closed) await new Promise((done) => socket.once('close', done));
      clearInterval(timer);
      told.open--;
      told.ended++;
    } catch {
      await wait(500); // refused at the door; it comes again
    }
  }
}
