import { subscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import type { Server } from 'node:https';

/*
 * Loaded into the server before itself: when it has done each handshake, where that costs something, by its clock that never
 * steps. Clients count handshakes in bunches: ten thousand are one process there, which gets its turn when the server has had its own.
 */

const { HANDSHAKES_TO: file = '' } = process.env;
const instants: number[] = [];

subscribe('tracing:net.server.listen:asyncEnd', (message) => {
  const { server } = message as { server: Server };
  server.on('secureConnection', () => instants.push(performance.now()));
});
process.once('exit', () => writeFileSync(file, JSON.stringify(instants)));
