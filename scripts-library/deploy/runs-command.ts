import type { Command } from 'commander';
import { z } from 'zod';
import { withCustomer } from '../account/with-customer.ts';
import { suggestion } from '../config/faults.ts';
import { Failure } from '../failure.ts';
import { print } from '../terminal.ts';

/* What this command needs of the answers; there is more in them. */
const Monitors = z.object({ monitors: z.array(z.object({ id: z.string(), name: z.string(), state: z.string() })) });
const Runs = z.object({
  runs: z.array(
    z.object({
      id: z.string(),
      startedAt: z.int(),
      outcome: z.string(),
      durationUs: z.int(),
      errorCode: z.string().nullable(),
      ...{ sentinel: z.string(), location: z.string() },
    }),
  ),
});

/** Adds `runs`. */
export function addRuns(program: Command): void {
  program
    .command('runs')
    .description('how the monitors do, or the newest runs of one')
    .argument('[monitor]', 'its name')
    .option('--json', 'print one line of JSON')
    .action((monitor: string | undefined, { json }: { json?: boolean }) =>
      withCustomer(async (api, at) => {
        const { monitors } = await api.ask('GET', `${at}/monitors`, Monitors);
        if (monitor === undefined) {
          const lines = monitors.map(
            ({ name, state }) => `${(state === 'noData' ? 'no data' : state).padEnd(9)} ${name}`,
          );
          return print(json, { monitors }, lines.join('\n') || 'There are no monitors yet.');
        }
        const found = monitors.find(({ name }) => name === monitor);
        const names = monitors.map(({ name }) => name);
        if (!found) throw new Failure(`There is no monitor "${monitor}"; ${suggestion(monitor, names)}`);
        const { runs } = await api.ask('GET', `${at}/monitors/${found.id}/runs`, Runs);
        print(json, { runs }, runs.map(runLine).join('\n') || 'It has not run yet.');
      }),
    );
}

function runLine({
  startedAt,
  outcome,
  durationUs,
  errorCode,
  sentinel,
  location,
}: z.infer<typeof Runs>['runs'][number]): string {
  const seconds = `${(durationUs / 1e6).toFixed(2)} s`;
  return `${new Date(startedAt).toISOString()}  ${outcome.padEnd(7)}  ${seconds.padStart(8)}  ${sentinel}, ${location}${errorCode ? `  ${errorCode}` : ''}`;
}
