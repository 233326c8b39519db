import type { MonitorRow } from '../../db/customer/rows.ts';
import { Policy } from '../../scripts-library/publish/deployment.ts';

/** What is left out stays as it is. */
export type PolicyChange = { [Key in Exclude<keyof Policy, 'evidence'>]?: Policy[Key] | undefined } & {
  evidence?: { [Key in keyof Policy['evidence']]?: Policy['evidence'][Key] | undefined };
};

/** Of a row that never asked for anything, or was written before there was something to ask for: as usual. */
export function policyOf({ policy }: Pick<MonitorRow, 'policy'>): Policy {
  return Policy.parse(JSON.parse(policy ?? '{}'));
}

/** Whether it asks for pictures of transactions that pass. */
export function picturesWhatPassed(monitor: Pick<MonitorRow, 'policy'>): boolean {
  const { screenshot, whenPassed } = policyOf(monitor).evidence;
  return screenshot !== 'none' && whenPassed !== 'never';
}
