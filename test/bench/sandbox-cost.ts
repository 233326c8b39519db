import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { DetailedRunner } from '../../sentinel/runner/runner.ts';
import { startShop } from '../apps/shop/shop.ts';
import { buildRunner, runScript } from '../run-script.ts';

const password = 'correct horse battery';
const file = join(import.meta.dirname, 'run-cost/login.spec.ts');
const aheadMs = 2000;

/** What the outer wall of the sandbox adds to a run: the same runs at level 3 and at level 1, in turn. */
export async function bench(args: string[]): Promise<Record<string, unknown>> {
  const { runs } = parseArgs({ args, options: { runs: { type: 'string', default: '30' } } }).values;
  await using shop = await startShop({ password, delays: { home: 50, login: 100, basket: 50 } });
  await using inside = await buildRunner();
  if (inside.sandboxLevel !== 3)
    throw new Error('this machine does not give sandbox level 3: is bubblewrap installed?');
  await using outside = await buildRunner({ sandboxLevel: 1 });
  const seen = { inside: [] as Times[], outside: [] as Times[] };
  for (let round = 0; round <= Number(runs); round++) {
    const pair = { inside: await timesOf(inside, shop.url), outside: await timesOf(outside, shop.url) };
    console.error(`${round}/${runs}: ${JSON.stringify(pair)}`);
    if (round === 0) continue; // warms up
    seen.inside.push(pair.inside);
    seen.outside.push(pair.outside);
  }
  const of = (side: keyof typeof seen, what: keyof Times) => median(seen[side].map((times) => times[what]));
  const rows = (['inside', 'outside'] as const).map((side) => ({
    'outer wall': side === 'inside' ? 'level 3' : 'level 1',
    'Login response ms': of(side, 'loginMs'),
    'start to first step ms': of(side, 'startMs'),
  }));
  console.table(rows);
  return {
    login_response_ratio: Math.round((of('inside', 'loginMs') / of('outside', 'loginMs')) * 1000) / 1000,
    start_difference_ms: Math.round(of('inside', 'startMs') - of('outside', 'startMs')),
    runs: seen.inside.length,
  };
}

interface Times {
  loginMs: number;
  startMs: number;
}

async function timesOf(runner: DetailedRunner, url: string): Promise<Times> {
  runner.prepare();
  await wait(aheadMs);
  const { run } = await runScript(runner, { file }, { url, secrets: { SHOP_PASSWORD: password } });
  if (run.outcome !== 'passed') throw new Error(run.error?.message ?? `the run was ${run.outcome}`);
  const [first] = run.transactions;
  const login = run.transactions.find(({ name }) => name === 'Login');
  return { loginMs: (login?.responseUs ?? Number.NaN) / 1000, startMs: (first?.startUs ?? Number.NaN) / 1000 };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
