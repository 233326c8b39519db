import type { CustomerId } from '../../../db/customers.ts';
import { runArchive } from '../../../server/archive/run-archive.ts';
import { serverConfig } from '../../../server/config.ts';
import { closeContext, openContext } from '../../../server/http/context.ts';

/* What the job's process does, for one month by its name. */

interface Order {
  given: Parameters<typeof serverConfig>[0];
  id: CustomerId;
  before: number;
  /** The present. */
  now: number;
}

process.once('message', async ({ given, id, before, now }: Order) => {
  const server = await openContext({ ...serverConfig(given, {}), now: () => now });
  let [last, cpu] = [performance.now(), process.cpuUsage()];
  const onStep = async (step: string) => {
    const { user, system } = process.cpuUsage(cpu);
    const took = `${Math.round(performance.now() - last)} ms, ${Math.round((user + system) / 1000)} ms of processor`;
    const held = Math.round(process.memoryUsage.rss() / 2 ** 20);
    console.error(`${took}, ${held} MiB, then: ${step}`);
    [last, cpu] = [performance.now(), process.cpuUsage()];
  };
  const moved = await runArchive(server, id, { before, onStep });
  await closeContext(server);
  process.send?.({ moved }, () => process.disconnect?.());
});
