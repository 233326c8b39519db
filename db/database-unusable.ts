/** A database can't be opened or worked with now; the message names it, the cause and what to do. */
export class DatabaseUnusable extends Error {
  override readonly name = 'DatabaseUnusable';
}

/** The connection broke while it was in use; whether the last statement was carried out is not known. */
export class ConnectionLost extends DatabaseUnusable {}
