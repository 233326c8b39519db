/** What was asked could not be done; the message says why and what to do next. The command ends with 1. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** The command was given wrongly, or something it needs is missing; it ends with 2. */
export class Misuse extends Error {
  override readonly name = 'Misuse';
}
