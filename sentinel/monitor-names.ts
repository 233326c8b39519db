import path from 'node:path';
import { z } from 'zod';
import { readIfThere } from '../certs/private-file.ts';

const Kept = z.object({
  assignments: z.object({ assignments: z.array(z.object({ monitorId: z.string(), name: z.string() })) }),
});

/** Names of the monitors that the server last told of, by their ids. */
export function monitorNames(home: string): Map<string, string> {
  const { data } = Kept.safeParse(JSON.parse(readIfThere(path.join(home, 'assignments.json')) ?? 'null'));
  return new Map((data?.assignments.assignments ?? []).map(({ monitorId, name }) => [monitorId, name]));
}
