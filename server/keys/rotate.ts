import { atomically } from '../../db/atomically.ts';
import type { Registry } from '../../db/registry/registry.ts';
import type { Customer } from '../accounts/customers.ts';
import { aboutUser } from '../accounts/second-factor.ts';
import { aboutRecipient } from '../archive/keys.ts';
import { aboutRestore } from '../archive/restore-wish.ts';
import { tellChange } from '../assignments/changes.ts';
import { renewScriptKey } from '../assignments/renew-script-key.ts';
import { audit, auditForBoth, commandLine } from '../audit/audit.ts';
import { openAuditKey, renewAuditKey } from '../audit/audit-key.ts';
import { aboutCustomer, renewAccount } from '../databases/customer-database.ts';
import { aboutDatabaseServer } from '../databases/database-servers.ts';
import { openMasterKey, renewMasterKeyFile } from '../databases/master-key.ts';
import type { ServerContext } from '../http/context.ts';

/** What the registry keeps sealed: where, by which column it is known, and what each text says it is about. */
const sealed = [
  { table: 'customers', column: 'connection', id: 'id', about: aboutCustomer },
  { table: 'erasures', column: 'connection', id: 'id', about: aboutCustomer },
  { table: 'database_servers', column: 'sealed', id: 'name', about: aboutDatabaseServer },
  { table: 'users', column: 'second_factor', id: 'id', about: aboutUser },
  { table: 'sessions', column: 'new_factor', id: 'user_id', about: aboutUser },
  { table: 'archive_keys', column: 'identity', id: 'recipient', about: aboutRecipient },
  { table: 'archive_keys', column: 'waiting', id: 'recipient', about: aboutRecipient },
  { table: 'archive_restores', column: 'identity', id: 'id', about: aboutRestore },
] as const;

/** Changes the key that signs the heads of audit trails; what the keys before signed still counts. Returns its id. */
export async function rotateAuditKey(server: ServerContext): Promise<string> {
  const before = openAuditKey(server.dataFolder).id;
  const id = renewAuditKey(server.dataFolder);
  await tell(server, 'audit key', { id, before });
  return id;
}

/**
 * Changes the master key and seals anew all that is sealed; how many texts that were. `given` are the keys of the
 * environment, the new one first: then nothing but the sealing is done here. Cut short, it is ended by doing it again.
 */
export async function rotateMasterKey(server: ServerContext, given: string | undefined): Promise<number> {
  if (given === undefined) renewMasterKeyFile(server.dataFolder);
  const key = openMasterKey(server.dataFolder, given);
  const count = await atomically(server.registry, async (trx) => {
    let count = 0;
    for (const place of sealed)
      count += await sealAnew(trx, place, (text, about) => key.seal(key.unseal(text, about), about));
    return count;
  });
  await tell(server, 'master key', { sealedAnew: count });
  return count;
}

/** Changes the key that signs a customer's scripts, and signs all their versions anew. Returns its id. */
export async function rotateScriptKey(server: ServerContext, { id, name }: Customer): Promise<string> {
  const { keyId, versions } = await renewScriptKey(server, id);
  await tellChange(server, id);
  const entry = { at: server.now(), actor: commandLine, subject: `script key of ${name}` } as const;
  await auditForBoth(server, id, { ...entry, action: 'key-rotated', detail: { id: keyId, versions } });
  return keyId;
}

/** Changes the account, and with it the password, by which a customer's schema of MariaDB or MySQL is worked in. */
export async function rotateDatabasePassword(server: ServerContext, customer: Customer): Promise<void> {
  await renewAccount(server, customer);
  const entry = { at: server.now(), actor: commandLine, subject: `database password of ${customer.name}` } as const;
  await auditForBoth(server, customer.id, { ...entry, action: 'key-rotated', detail: {} });
}

async function sealAnew(
  trx: Registry,
  { table, column, id, about }: (typeof sealed)[number],
  anew: (text: string, about: string) => string,
): Promise<number> {
  const rows: Record<string, string>[] = await trx(table).whereNotNull(column).select({ id, text: column });
  for (const row of rows) {
    const { id: of = '', text = '' } = row;
    await trx(table)
      .where({ [id]: of, [column]: text })
      .update({ [column]: anew(text, about(of as Parameters<typeof about>[0])) });
  }
  return rows.length;
}

function tell(server: ServerContext, subject: string, detail: Record<string, unknown>): Promise<void> {
  return audit(server.registry, { at: server.now(), actor: commandLine, action: 'key-rotated', subject, detail });
}
