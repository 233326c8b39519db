import type { Problems } from '../problems.ts';
import type { Reply } from './reply.ts';

/** What only people can change is asked about seldom (ms); the jitter of the back-off comes on top. */
const askSeldomMs = 2 * 60_000;

const anew = 'With a new code, `vedette-sentinel enrol --anew` brings this device back and sends what it kept.';

/** Answers by which a server says that it wants nothing more of this sentinel, and what people can do. */
const refusals: ReadonlyMap<string, string> = new Map([
  [
    'KEY_REVOKED',
    `this sentinel was revoked: the server takes nothing from it any more. Ask whoever administers it there why. Results are kept here. ${anew}`,
  ],
  [
    'KEY_UNKNOWN',
    `the server does not know this sentinel's API key: ask whoever administers it there, perhaps its data was lost. Results are kept here. ${anew}`,
  ],
  [
    'SENTINEL_PARKED',
    'this sentinel is parked: another machine reports with the same identity, as when a disk or image was copied. Results ' +
      `are kept here until an administrator decides in the console, under Sentinels, which one goes on. ${anew}`,
  ],
]);

/** The reply, but for one of those answers, after which every part of the sentinel waits. `boot`: of this start. */
export function standing<T>(reply: Reply<T>, boot: string | undefined): Reply<T> {
  const sentence = reply.kind === 'refused' ? refusals.get(reply.code) : undefined;
  if (reply.kind !== 'refused' || sentence === undefined) return reply;
  const which = reply.code === 'SENTINEL_PARKED' && boot !== undefined ? ` This machine is listed as ${boot}.` : '';
  return { kind: 'unwelcome', why: `${sentence}${which} [${reply.code}]`, waitMs: askSeldomMs };
}

/** Says once, for all parts of the sentinel, that the server wants nothing of it; taken back once the server does again. */
export function tellStanding(reply: Reply<unknown>, problems: Problems): void {
  if (reply.kind === 'unwelcome') problems.set('standing', reply.why);
  else if (reply.kind === 'done' || reply.kind === 'unchanged') problems.set('standing', undefined);
}
