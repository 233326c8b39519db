import { type Config, proxyVariables, readConfig, writeConfig } from './config.ts';
import { environmentProxy, type HttpProxy, httpProxy } from './proxy-address.ts';
import { Vault } from './vault.ts';

/** The proxy to an enrolled sentinel's server: that of its settings, else that of the environment. */
export function serverProxy({ server, proxy }: Config, vault: Vault): HttpProxy | undefined {
  if (proxy === undefined) return environmentProxy(server, proxyVariables());
  const authorization = vault.proxyAuthorization();
  return { origin: proxy, ...(authorization === undefined ? {} : { authorization }) };
}

/** The proxy for an enrolment: the one that is given, else that of the environment. Throws `ProxyAddressFault`. */
export function proxyFor(server: string, given: string | undefined): HttpProxy | undefined {
  return given === undefined ? environmentProxy(server, proxyVariables()) : httpProxy(given);
}

/** Keeps the proxy for the next start, its password in the vault; undefined: the environment's again. */
export function setProxy(home: string, proxy: HttpProxy | undefined): void {
  const { proxy: _, ...config } = readConfig(home);
  new Vault(home).setProxyAuthorization(proxy?.authorization);
  writeConfig(home, proxy ? { ...config, proxy: proxy.origin } : config);
}
