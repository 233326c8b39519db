import { ConnectionLost, DatabaseUnusable, NoAnswer } from '../database-unusable.ts';

/* What MariaDB and MySQL answer, by number: mariadb.com/kb/en/mariadb-error-codes. */

/** Two transactions stood in each other's way: this one was rolled back, or its statement, and may be done again. */
const conflicts = new Set([1205, 1213]);
const lostNumbers = new Set([1053, 1927, 3169, 4031]);
const lostCodes = new Set(['PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT']);
/** Of a step of the schema that was carried out before: the table, column, key or partition is there, or is gone already. */
const alreadyDone = new Set([1050, 1060, 1061, 1068, 1091, 1493, 1517, 1826]);
const accountUnknown = new Set([1045, 1698]);
const [duplicateRow, cannotCreate] = [1062, 1005];

const nextSteps = new Map<number | string, string>([
  [1021, "make room on the database server's disk"],
  [1026, "see its error log, and make room on the database server's disk if it is full"],
  [1030, "see its error log, and make room on the database server's disk if it is full"],
  [1040, 'raise max_connections there, or open fewer with --database-connections'],
  [1044, 'give its account all rights on that schema'],
  [1045, 'see that the account and its password are those that were set'],
  [1049, 'make the schema, or restore it from a backup'],
  [1114, "make room on the database server's disk"],
  [1203, 'raise max_user_connections there, or open fewer with --database-connections'],
  [1290, 'let it be written to: it is read-only'],
  [1698, 'see that the account and its password are those that were set'],
  [1836, 'let it be written to: it is read-only'],
  ['HANDSHAKE_SSL_ERROR', 'see that its certificate is signed by the authority given with ?ca= and has its name'],
  ['HANDSHAKE_NO_SSL_SUPPORT', 'set up TLS on the database server, or leave ?ca= out'],
]);

interface Failure {
  code?: string;
  errno?: number;
  sqlMessage?: string;
  fatal?: boolean;
}

/** Whether the same work may simply be tried again. */
export function isConflict(error: unknown): boolean {
  return conflicts.has(failure(error).errno ?? 0);
}

/** Whether a row was to be added whose key another one has already. */
export function isDuplicate(error: unknown): boolean {
  return failure(error).errno === duplicateRow;
}

/** Whether the account is not let in: its name or password is another one. */
export function isTurnedAway(error: unknown): boolean {
  const { cause = error } = error instanceof Error ? error : {};
  return accountUnknown.has(failure(cause).errno ?? 0);
}

/** Whether a statement of a step of the schema failed because it was carried out before. */
export function isAlreadyDone(sql: string, error: unknown): boolean {
  const { errno = 0, sqlMessage = '' } = failure(error);
  // A unique key that rows stand in the way of fails with the same number, and is not done.
  if (errno === duplicateRow) return /^insert /i.test(sql);
  // A foreign key of that name; MariaDB has no number of its own for it.
  if (errno === cannotCreate) return sqlMessage.includes('errno: 121');
  return alreadyDone.has(errno);
}

/** The error as it is told: `DatabaseUnusable` where the database's state is to blame, `ConnectionLost` where it went away. */
export function explained(where: string, error: unknown): unknown {
  if (error instanceof DatabaseUnusable) return error;
  const { code = '', errno = 0, fatal = false } = failure(error);
  const why = error instanceof Error ? error.message : String(error);
  const known = nextSteps.get(errno) ?? nextSteps.get(code);
  if (known) return new DatabaseUnusable(`cannot work with ${where} (${why}): ${known}`, { cause: error });
  if (!fatal && !lostNumbers.has(errno) && !lostCodes.has(code)) return error;
  const next = 'see that the database server runs and can be reached';
  return new ConnectionLost(`cannot work with ${where} (${why || code}): ${next}`, { cause: error });
}

/** Of a server that said nothing for `ms`. */
export function silent(where: string, ms = 0): NoAnswer {
  const next = 'see in its list of processes (show full processlist) whether it hangs, and what it is at';
  return new NoAnswer(`${where} has answered nothing for ${ms / 1000} s: ${next}`);
}

/** The same for an attempt to connect, of which every failure is the database's. */
export function cannotConnect(where: string, error: unknown): DatabaseUnusable {
  const told = explained(where, error);
  if (told instanceof DatabaseUnusable) return told;
  const why = error instanceof Error ? error.message || failure(error).code : String(error);
  const next = 'see that the database server runs and can be reached';
  return new ConnectionLost(`cannot connect to ${where} (${why}): ${next}`, { cause: error });
}

function failure(error: unknown): Failure {
  return error instanceof Error ? (error as Failure) : {};
}
