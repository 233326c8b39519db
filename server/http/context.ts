import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { join, resolve } from 'node:path';
import pino, { type Logger } from 'pino';
import { type Authority, openAuthority } from '../../certs/authority.ts';
import { openPrivateFolder } from '../../certs/private-file.ts';
import { type CustomerId, type Customers, connectionsEach, openCustomers } from '../../db/customers.ts';
import type { Registry } from '../../db/registry/registry.ts';
import { passwordCost } from '../accounts/password-cost.ts';
import { openPasswordKeys, type PasswordKeys } from '../accounts/password-keys.ts';
import type { AuditEntry } from '../audit/audit.ts';
import type { ServerConfig } from '../config.ts';
import { addressOf } from '../databases/customer-database.ts';
import { type MasterKey, openMasterKey } from '../databases/master-key.ts';
import { openOwnRegistry } from '../databases/registry-place.ts';
import { type Limits, usualLimits } from './limits.ts';
import type { SecurityContact } from './security-txt.ts';
import type { AskingSentinel } from './sentinel-auth.ts';

/** What happens in this process and others in it want to know at once. */
export interface ServerEvents {
  /** A customer's monitors or scripts changed, or who may run them; null: that of every customer. See `tellChange`. */
  assignmentsChanged: [CustomerId | null];
  /** A sentinel was let in that asks on this connection. */
  sentinelSeen: [AskingSentinel, Socket];
  /** Another start of this sentinel took over, or another machine with its identity was heard. */
  holderChanged: [string];
  /** Somebody could not sign in with an account of this customer. */
  signInFailed: [CustomerId, AuditEntry];
  /** Runs of a customer were committed: there are dirty hours. */
  runsStored: [CustomerId];
}

/** What every feature of the server works with. Close it with `closeContext`, or by `await using`. */
export interface ServerContext {
  readonly dataFolder: string;
  /** What devices install a sentinel from; need not be there. */
  readonly installFolder: string;
  /** Where the signed heads of audit trails are written. */
  readonly auditHeads: string;
  /** Where months go that leave the databases; undefined: nowhere. */
  readonly archiveFolder: string | undefined;
  /** Where databases are: a folder, or the URL of the registry's schema. */
  readonly home: string;
  readonly masterKey: MasterKey;
  readonly registry: Registry;
  readonly customers: Customers;
  /** As last read: it can be rotated while the server runs. */
  authority: Authority;
  /** Where browsers and sentinels reach this server, if it is known: not where any name will do. */
  consoleUrl: string | undefined;
  sentinelUrl: string | undefined;
  /** Names under which it may be reached, as its certificate has them. */
  readonly ownNames: readonly string[];
  readonly securityContact: SecurityContact;
  readonly log: Logger;
  readonly events: EventEmitter<ServerEvents>;
  /** Aborted when the server stops: whatever waits gives up. */
  readonly stopping: AbortController;
  /** Passwords are hashed with the first before bcrypt sees them. Read each time: they can be changed while the server runs. */
  readonly passwordKeys: PasswordKeys;
  readonly bcryptCost: number;
  /** Whether operators and customers' administrators must have one. */
  readonly needsSecondFactor: boolean;
  readonly limits: Limits;
  /** What prints reports: the program that was chosen, else where one is looked for. */
  readonly browser: { chosen: string | undefined; searchPath: string };
  /** How much evidence each customer may have. */
  readonly evidenceBytes: number;
  /** ms since 1970 */
  now(): number;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens the data folder, made on first use. Throws `FolderUnusable`, `Refused` as `openOwnRegistry`,
 * `CertificateUnusable`, `DatabaseUnusable` or `SchemaTooNew`, and then leaves nothing open.
 */
export async function openContext(config: ServerConfig): Promise<ServerContext> {
  const dataFolder = resolve(config.dataFolder);
  const now = config.now ?? Date.now;
  openPrivateFolder(dataFolder);
  const authority = await openAuthority(join(dataFolder, 'certs'), now());
  openPasswordKeys(dataFolder); // made now, so that whoever copies the folder has them
  const masterKey = openMasterKey(dataFolder, config.masterKey);
  const home = config.databaseUrl ?? dataFolder;
  const registry = await openOwnRegistry(dataFolder, home);
  const place = { registry, masterKey, home, dataFolder };
  const onEachServer = Math.max(1, Math.floor(config.databaseConnections / connectionsEach));
  const customers = openCustomers(dataFolder, registry, (row) => addressOf(place, row), { files: 500, onEachServer });
  let cost = config.bcryptCost;
  const context: ServerContext = {
    dataFolder,
    installFolder: resolve(config.installFolder ?? join(dataFolder, 'install')),
    auditHeads: resolve(config.auditHeads ?? join(dataFolder, 'audit-heads')),
    archiveFolder: config.archiveFolder && resolve(config.archiveFolder),
    home,
    masterKey,
    registry,
    customers,
    authority,
    consoleUrl: undefined,
    sentinelUrl: undefined,
    ownNames: ['localhost', '127.0.0.1', '[::1]', ...config.hostNames, ...config.consoleHostNames],
    securityContact: { contact: config.securityContact, key: config.securityKey },
    log: newLog(config.logLevel),
    events: new EventEmitter<ServerEvents>().setMaxListeners(0),
    stopping: new AbortController(),
    get passwordKeys() {
      return openPasswordKeys(dataFolder);
    },
    get bcryptCost() {
      cost ??= passwordCost(dataFolder); // tried out when somebody needs it: most commands hash nothing
      return cost;
    },
    needsSecondFactor: config.secondFactor === 'required',
    limits: { ...usualLimits, ...config.limits },
    browser: { chosen: config.browser, searchPath: config.searchPath ?? '' },
    evidenceBytes: config.evidenceGib * 2 ** 30,
    now,
    [Symbol.asyncDispose]: () => closeContext(context),
  };
  return context;
}

/** Waits for work in progress with the databases and closes them. */
export async function closeContext(context: ServerContext): Promise<void> {
  context.stopping.abort();
  await context.customers.close();
  await context.registry.destroy();
}

/** To stderr, so that what a command prints can be piped. Whatever may hold a secret is left out by name. */
function newLog(level: ServerConfig['logLevel']): Logger {
  const secret = ['authorization', 'cookie', 'password', 'code', 'apiKey', 'token'];
  const paths = secret.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino({ level, base: null, redact: { paths, censor: '[secret]' } }, pino.destination({ fd: 2, sync: true }));
}
