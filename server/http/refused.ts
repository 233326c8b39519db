/** What was asked can't be done. The message says why, and what to do next. */
export class Refused extends Error {
  override readonly name = 'Refused';
}
