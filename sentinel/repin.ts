import { readConfig, writeConfig } from './config.ts';
import { authorityOf, pinIn } from './enrol.ts';
import { serverProxy } from './proxy.ts';
import { Vault } from './vault.ts';

/**
 * Makes an enrolled sentinel trust the server that has `pin`, and no other, whatever it trusted before: for one that slept
 * through a change of the server's keys. Identity, spool and secrets stay; a running sentinel takes it up at its next try.
 * Throws `ConfigFault`, `UsageFault` where that is no pin, or `EnrolmentFailed` if the server does not prove the pin; then nothing is changed.
 */
export async function repin(home: string, given: string): Promise<void> {
  const pin = pinIn(given);
  const config = readConfig(home);
  const ca = await authorityOf(config.server, pin, serverProxy(config, new Vault(home)));
  writeConfig(home, { ...readConfig(home), ca, pins: [pin] });
}
