import path from 'node:path';
import { readConfig } from '../config.ts';
import type { MessageNotes } from '../journal/journal.ts';
import { serverProxy } from '../proxy.ts';
import { Vault } from '../vault.ts';
import { Boots } from './boots.ts';
import { Connection } from './connection.ts';
import { Link } from './link.ts';

/**
 * For a command of a sentinel that does not run: its link, as a start of the same machine, so that a copy can't pass for
 * it. Throws `ConfigFault`, `FolderUnusable`.
 */
export function ownLink(home: string, journal?: MessageNotes): Link {
  const config = readConfig(home);
  const vault = new Vault(home);
  const { server, ca, pins, sentinelId } = config;
  return new Link({
    server,
    trust: { ca, pins: new Set(pins) },
    sentinelId,
    apiKey: vault.apiKey() ?? '',
    boots: new Boots(path.join(home, 'boots.json')),
    connect: (...to) => new Connection(...to, { proxy: serverProxy(config, vault) }),
    ...(journal ? { journal } : {}),
  });
}
