/** A database can't be opened or worked with now; the message names it, the cause and what to do. */
export class DatabaseUnusable extends Error {
  override readonly name = 'DatabaseUnusable';
}

/** Of a database that was there before, as `what` tells. */
export function gone(what: string): DatabaseUnusable {
  const next = 'mount its disk, or restore it from a backup';
  return new DatabaseUnusable(`${what}, though it was used before; nothing was made in its place: ${next}`);
}

/** Whether an error is the state of a database, not what was asked of it: the same may go well later. */
export function isUnusable(error: unknown): boolean {
  // Of knex: no connection became free in time.
  return error instanceof DatabaseUnusable || (error instanceof Error && error.name === 'KnexTimeoutError');
}

/** The connection broke while it was in use; whether the last statement was carried out is not known. */
export class ConnectionLost extends DatabaseUnusable {}

/** It took what was sent and said nothing for long: to do the same again would wait as long again. */
export class NoAnswer extends DatabaseUnusable {}
