import { randomBytes } from 'node:crypto';
import type { Run } from '../../../sentinel/protocol/messages.ts';
import { newRunId } from '../../../sentinel/protocol/run-id.ts';
import { buildResult, buildRun } from '../../../server/ingest/build-run.ts';

export const runsPerBatch = 100;
export const resultsPerRun = 5;
const everyMs = 300_000;
const names = ['Open', 'Login', 'Search', 'Order', 'Sign out'];

/** Where in the bytes a run's id and times stand; they are as long in every run. */
interface Places {
  id: number;
  dueAt: number;
  startedAt: number;
}

/**
 * The batches that a sentinel sends after an outage, one after the other: its monitors' runs, every five minutes, each
 * batch later than the one before. Written once; only ids and times are made anew, so that whoever sends it has little to
 * do beside.
 */
export class Batches {
  readonly #bytes: Buffer;
  readonly #places: Places[] = [];
  readonly #monitors: number;
  #next: number;

  constructor(monitorIds: readonly string[], startAt: number) {
    this.#monitors = monitorIds.length;
    this.#next = startAt;
    const runs = Array.from({ length: runsPerBatch }, (_, i) => typicalRun(monitorIds[i % monitorIds.length] ?? '', i));
    this.#bytes = Buffer.from(JSON.stringify({ runs }));
    for (let at = 0; this.#places.length < runsPerBatch; at++) {
      const after = (key: string) => this.#bytes.indexOf(key, at) + key.length;
      const places = { id: after('"id":"'), dueAt: after('"dueAt":'), startedAt: after('"startedAt":') };
      this.#places.push(places);
      at = Math.max(...Object.values(places));
    }
  }

  /** The next batch; its bytes hold until the one after it is asked for. */
  next(): Buffer {
    for (const [i, { id, dueAt, startedAt }] of this.#places.entries()) {
      const at = this.#next + Math.floor(i / this.#monitors) * everyMs + (i % this.#monitors) * 13_000;
      this.#bytes.write(newRunId(at, randomBytes(10)), id, 'latin1');
      this.#bytes.write(String(at), dueAt, 'latin1');
      this.#bytes.write(String(at + 17), startedAt, 'latin1');
    }
    this.#next += Math.ceil(runsPerBatch / this.#monitors) * everyMs;
    return this.#bytes;
  }
}

/** As a sentinel tells of it: its times, the document it loaded, the device meanwhile. One of fifty failed. */
function typicalRun(monitorId: string, i: number): Run {
  const failed = i % 50 === 49;
  const error = { code: 'ASSERTION', message: "the heading 'Welcome' was not there after 5 s" } as const;
  const transactions = names.map((name, n) =>
    buildResult({
      name,
      startUs: n * 400_000,
      durationUs: 350_000 + 997 * i,
      responseUs: 120_000 + 1009 * (i + 7 * n),
    }),
  );
  const load = { firstByteUs: 41_000, domReadyUs: 90_000, loadUs: 120_000, requests: 14, bytes: 312_000 };
  transactions[0] = {
    ...buildResult({ name: 'Open' }),
    pageLoads: [{ url: 'https://shop.example/', startUs: 900, ...load }],
  };
  if (failed) transactions[4] = { name: 'Sign out', outcome: 'failed', startUs: 1_600_000, durationUs: 400_000, error };
  return buildRun({
    monitorId,
    // Thirteen digits, like all instants from 2001 to 2286.
    dueAt: 1_700_000_000_000,
    startedAt: 1_700_000_000_000,
    clockOffsetMs: -3,
    durationUs: 2_000_000 + 1009 * i,
    transactions,
    host: { cpu: 0.31, stallUs: 1200, freeMemoryBytes: 3_100_000_000 + i },
    usage: { cpuUs: 420_000 + 97 * i, peakMemoryBytes: 210_000_000 + i },
    ...(failed ? { outcome: 'failed', error } : {}),
  });
}
