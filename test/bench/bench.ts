/** `npm run bench -- NAME [OPTION...]`: the one door to every benchmark. The last line of each is one JSON object. */

const benches: Record<string, () => Promise<{ bench(args: string[]): Promise<Record<string, unknown>> }>> = {
  archive: () => import('./archive.ts'),
  capacity: () => import('./capacity.ts'),
  console: () => import('./console.ts'),
  customers: () => import('./customers.ts'),
  failures: () => import('./failures.ts'),
  fleet: () => import('./fleet.ts'),
  idle: () => import('./idle.ts'),
  ingest: () => import('./ingest.ts'),
  pdf: () => import('./pdf.ts'),
  report: () => import('./report.ts'),
  'run-cost': () => import('./run-cost.ts'),
  'sandbox-cost': () => import('./sandbox-cost.ts'),
  'sign-in': () => import('./sign-in.ts'),
  timing: () => import('./timing.ts'),
};

const [name = '', ...args] = process.argv.slice(2);
const load = benches[name];
if (load) {
  const figures = await (await load()).bench(args);
  console.log(JSON.stringify({ bench: name, ...figures }));
} else {
  console.error(`usage: npm run bench -- NAME, where NAME is one of: ${Object.keys(benches).join(', ')}`);
  process.exitCode = 2;
}
