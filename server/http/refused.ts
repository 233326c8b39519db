/** What was asked can't be done. The message says why, and what to do next. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** More was asked than is answered at once. The message names the limit, and what to ask for instead. */
export class TooMuch extends Refused {}
