import { Refused } from '../http/refused.ts';

/** A host as scripts are signed for it, `host` or `host:port` in small letters. Throws `Refused` if it isn't written so. */
export function signedHost(written: string): string {
  const host = written.toLowerCase();
  const port = /:(\d{1,5})$/.exec(host)?.[1];
  const bare = port === undefined ? host : host.slice(0, -port.length - 1);
  // What an address keeps of it as its host is all that can ever match.
  if (URL.canParse(`http://${bare}/`) && new URL(`http://${bare}/`).hostname === bare && Number(port ?? 1) <= 65_535) {
    return host;
  }
  throw new Refused(`"${written}" is not a host: write shop.example, or shop.example:8443 with its port`);
}
