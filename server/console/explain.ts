import { ApiError } from './api/client.ts';
import { span } from './format.ts';
import { accountWords as say, words } from './messages/messages.ts';

/** What somebody filled in does not fit; the message says so to them. */
export class Unfit extends Error {
  /** The field where it is said; unless there is one, above the form. */
  readonly field: string | undefined;

  constructor(message: string, field?: string) {
    super(message);
    this.field = field;
  }
}

/** Why something could not be done, in a sentence for who tried. */
export function explain(error: unknown): string {
  if (error instanceof Unfit) return error.message;
  if (!(error instanceof ApiError) || error.status === 0) return words.unreachable;
  if (error.code === 'SIGN_IN_FAILED') return say.failed;
  if (error.status === 429) return say.locked(error.retryAfter ? span(error.retryAfter * 1000) : words.signIn.aMoment);
  return error.status < 500 && error.detail !== '' ? sentence(error.detail) : words.serverFailed;
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
