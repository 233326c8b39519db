/** A script can't be tried as it was asked for; the message says why and what to do. */
export class CannotTry extends Error {
  override readonly name = 'CannotTry';
}
