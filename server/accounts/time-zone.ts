/** A time zone's name as it is kept: `Europe/Amsterdam` of `europe/amsterdam`. Undefined if there is none called so. */
export function timeZoneCalled(text: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return undefined; // thrown for what is no time zone, and for nothing else
  }
}
