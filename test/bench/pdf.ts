import { setTarget } from '../../server/reports/service/targets.ts';
import { consoleWorld } from '../e2e/console-world.ts';

const dayMs = 86_400_000;
const [monitors, locations, days] = [20, 3, 31];

/** How long the PDF of a month of 20 monitors takes, each with 5 transactions at 3 locations and with targets; `npm run bench -- pdf`. */
export async function bench(): Promise<Record<string, unknown>> {
  const { seconds, pages, bytes } = await printMonth();
  return { monitors, locations, days, pages, kb: Math.round(bytes / 1000), pdf_s: seconds };
}

/** The median of three, in seconds, from the question to the last byte of the file. */
export async function printMonth(): Promise<{ seconds: number; pages: number; bytes: number }> {
  await using world = await consoleWorld({ monitors, locations, days: days + 2 });
  const { context } = world.world;
  const by = { actor: { kind: 'server' }, now: context.now() } as const;
  await context.customers.use(world.customerId, async (db) => {
    for (const id of world.monitorIds) {
      for (const transaction of [null, 'Login', 'Search']) {
        await setTarget(db, id, { transaction, hours: 'all', availability: 0.995, p95Us: 1_000_000 }, by);
      }
    }
  });
  const ask = await world.world.signedIn('bench', world.customerId);
  const day = (ago: number) => new Date(context.now() - ago * dayMs).toISOString().slice(0, 10);
  const period = `${day(days)}..${day(1)}`;
  const times: number[] = [];
  let file = '';
  for (let n = 0; n < 3; n++) {
    const began = performance.now();
    const path = `/api/v1/customers/${world.customerId}/service-report/export?format=pdf&period=${period}`;
    const answer = await ask('GET', path);
    if (answer.status !== 200) throw new Error(`the PDF was refused: ${answer.text}`);
    times.push((performance.now() - began) / 1000);
    file = answer.text;
  }
  const [, median = 0] = times.sort((a, b) => a - b);
  // Each page of the file is an object of that type.
  return {
    seconds: Number(median.toFixed(2)),
    pages: file.match(/\/Type\s*\/Page\b/g)?.length ?? 0,
    bytes: file.length,
  };
}
