/**
 * Response time of one transaction, on the browser's clock (all times ms since 1970, with fractions).
 *
 * It is the sum of segments. A segment begins at an event that can make an application answer (a click, Enter, submit, or
 * a navigation the script asked for) and ends at the last change of the page when the wait after it was satisfied. Waits poll, so
 * the moment a wait *noticed* says little; the moment of the change is true. A script that begins to type has stopped
 * waiting: what changes afterwards answers the typing, and typing time is the script's own.
 */
export interface Stopwatch {
  /** A causing event in a page; `changed` is when that page had last changed before it. */
  caused(at: number, changed: number): void;
  /** The script types; `changed` as above. */
  typed(changed: number): void;
  /** A wait was satisfied; `changed` is when the page last changed. */
  waited(changed: number): void;
  /** A navigation of the script's own, begun at `from`, has come to the state it waited for at `to`. */
  arrived(from: number, to: number): void;
  /** In microseconds; none if nothing causal was followed by a wait. */
  responseUs(): number | undefined;
}

export function stopwatch(): Stopwatch {
  let cause: number | undefined;
  let end: number | undefined;
  let typing = false;
  let sum: number | undefined;

  const endAt = (changed: number) => {
    if (cause !== undefined && changed > cause) end = Math.max(end ?? 0, changed);
  };
  const close = () => {
    if (cause !== undefined && end !== undefined) sum = (sum ?? 0) + (end - cause);
    cause = end = undefined;
    typing = false;
  };

  return {
    caused(at, changed) {
      // A further action has waited for its element: that wait ends the segment when no other did.
      if (end === undefined && !typing) endAt(changed);
      close();
      cause = at;
    },
    typed(changed) {
      if (!typing && end === undefined) endAt(changed);
      typing = true;
    },
    waited(changed) {
      if (!typing) endAt(changed);
    },
    arrived(from, to) {
      close();
      cause = from;
      endAt(to);
    },
    responseUs() {
      const open = cause !== undefined && end !== undefined ? end - cause : undefined;
      const total = open === undefined ? sum : (sum ?? 0) + open;
      return total === undefined ? undefined : Math.round(total * 1000);
    },
  };
}
