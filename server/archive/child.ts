import { serverConfig } from '../config.ts';
import { closeContext, openContext } from '../http/context.ts';
import type { Order, Told } from './apart.ts';
import { eraseOld } from './erase-archive.ts';
import { runArchive } from './run-archive.ts';
import { drill } from './verify-archive.ts';

/*
 * A process of its own in which one customer's archive is looked after, started by `keepArchive`: what it takes of memory
 * and processor is nobody else's. Before each step it asks whether it may go on, and ends with whoever started it.
 */

process.on('disconnect', () => process.exit(1));
process.once('message', (order: Order) => void carryOut(order));

async function carryOut({ given, aheadMs, customerId, fence }: Order): Promise<void> {
  try {
    const server = await openContext({ ...serverConfig(given), now: () => Date.now() + aheadMs });
    const onStep = async (step: string, piece: string) => {
      const mayGoOn = Promise.withResolvers<void>();
      process.once('message', () => mayGoOn.resolve());
      tell({ kind: 'step', step, piece });
      await mayGoOn.promise;
    };
    try {
      const moved = await runArchive(server, customerId, { oneMonth: true, fence, onStep });
      const erased = await eraseOld(server, customerId);
      tell({ kind: 'done', done: { moved, erased, drill: await drill(server, customerId) } });
    } finally {
      await closeContext(server);
    }
  } catch (error) {
    tell({ kind: 'failed', why: error instanceof Error ? error.message : String(error) });
  }
  process.disconnect?.();
}

function tell(told: Told): void {
  process.send?.(told);
}
