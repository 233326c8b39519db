import type { ScriptStatement } from '../../sentinel/protocol/messages.ts';
import { Refused } from '../http/refused.ts';

/** Throws `Refused` unless a monitor's `baseURL`, if it has one, is a whole address on a host its script is signed for. */
export function checkBaseUrl(monitor: string, baseURL: string | undefined, { script, hosts }: ScriptStatement): void {
  if (baseURL === undefined) return;
  if (!URL.canParse(baseURL)) {
    throw new Refused(`baseURL must be a whole address such as https://shop.example/, not "${baseURL}"`);
  }
  const { host, hostname } = new URL(baseURL);
  if (hosts.includes(host) || hosts.includes(hostname)) return;
  throw new Refused(
    `the script ${script} would not be signed for the host ${host}, where the monitor "${monitor}" begins: ` +
      `publish it with --host ${host}`,
  );
}
