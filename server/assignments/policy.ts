import { z } from 'zod';
import type { MonitorRow } from '../../db/customer/rows.ts';
import { Assignment } from '../../sentinel/protocol/messages.ts';

const { testTimeoutMs, expectTimeoutMs, evidence, confirmFailures, minSandboxLevel } = Assignment.shape;

/** What a monitor asks of its runs beside its script and schedule; what is left out is as usual. */
export const Policy = z.object({ testTimeoutMs, expectTimeoutMs, evidence, confirmFailures, minSandboxLevel });
export type Policy = z.output<typeof Policy>;

/** What is left out stays as it is. */
export type PolicyChange = { [Key in Exclude<keyof Policy, 'evidence'>]?: Policy[Key] | undefined } & {
  evidence?: { [Key in keyof Policy['evidence']]?: Policy['evidence'][Key] | undefined };
};

/** Of a row that never asked for anything, or was written before there was something to ask for: as usual. */
export function policyOf({ policy }: Pick<MonitorRow, 'policy'>): Policy {
  return Policy.parse(JSON.parse(policy ?? '{}'));
}
