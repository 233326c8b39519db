import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

/** A port of this machine that is free now, and so is the one after it. */
export async function freePorts(): Promise<number> {
  for (;;) {
    const first = await portOf(0);
    if ((await portOf(first + 1).catch(() => 0)) !== 0) return first;
  }
}

async function portOf(wanted: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, refuse) => server.once('error', refuse).listen(wanted, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
