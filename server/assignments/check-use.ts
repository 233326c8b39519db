import type { Use } from '../../sentinel/protocol/messages.ts';
import { faultsOfUse } from '../../sentinel/protocol/use.ts';
import { understoodOptions } from '../../sentinel/protocol/use-options.ts';
import { Refused } from '../http/refused.ts';

/** Throws `Refused` unless a sentinel, or the script whose bundle this is, follows every option of a monitor's `use`. */
export function checkUse(monitor: string, use: Use, bundle: string): void {
  const own: readonly string[] = understoodOptions;
  // A name that the script's text has nowhere is none that it declares with test.extend.
  const declared = Object.keys(use).filter((name) => !own.includes(name) && bundle.includes(name));
  const faults = faultsOfUse(use, new Set(declared));
  if (faults.length === 0) return;
  throw new Refused(
    `the use of the monitor "${monitor}" can't be followed: ${faults.join(' ')} An option is changed, or taken away with ` +
      `null, by: vedette-server monitor change "${monitor}" --use '{"NAME": VALUE}'`,
  );
}
