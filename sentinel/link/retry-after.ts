const longestMs = 15 * 60_000;

/** What a `Retry-After` header asks for, in ms, at most 15 minutes: seconds or an HTTP date. None if it says nothing. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const wait = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(0, wait), longestMs);
}
