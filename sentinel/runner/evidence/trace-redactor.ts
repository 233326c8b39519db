import { masker } from './mask.ts';

/** Takes out of a trace what may not leave the device. */
export interface TraceRedactor {
  /** A line of events; undefined if it is none. */
  events(line: string): string | undefined;
  resource(text: string): string;
  /** The name of a file, as the events then call it. */
  name(text: string): string;
}

const sign = '•••';
/** Whoever has these can go on where the script left off. */
const credentials = /^(cookie|set-cookie|authorization|proxy-authorization)$/i;
const inlinePicture = /data:[\w.+/-]*(?:;[\w=.-]+)*;base64,[\w+/=-]{64,}/g;

/** `hidden`: texts of painted elements. */
export function traceRedactor(secrets: readonly string[], hidden: readonly string[]): TraceRedactor {
  const mask = masker(secrets, hidden);
  const text = (plain: string) => mask(plain).replace(inlinePicture, 'data:,');

  const redacted = (key: string, value: unknown): unknown => {
    if (typeof value === 'string') return text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (key === 'cookies' && Array.isArray(value)) return value.map((cookie) => ({ ...cookie, value: sign }));
    const named = value as Record<string, unknown>;
    if (typeof named.name === 'string' && credentials.test(named.name) && 'value' in named) named.value = sign;
    // A key pressed alone may be a letter of a password that is typed letter by letter.
    if (typeof named.key === 'string' && [...named.key].length === 1) named.key = '•';
    return value;
  };

  return {
    events(line) {
      try {
        return line === '' ? undefined : JSON.stringify(JSON.parse(line, redacted));
      } catch {
        return undefined; // cut off when the child ended
      }
    },
    resource: text,
    name: mask,
  };
}

const inputs = /\["INPUT",(\{(?:[^"{}]|"(?:[^"\\]|\\.)*")*\})/gi;

/** What password fields held, as the snapshots of a trace tell it. */
export function typedPasswords(events: string): string[] {
  return [...events.matchAll(inputs)].flatMap(([, attributes = '']) => {
    try {
      const { type, __playwright_value_: value } = JSON.parse(attributes) as Record<string, unknown>;
      return String(type).toLowerCase() === 'password' && typeof value === 'string' && value !== '' ? [value] : [];
    } catch {
      return [];
    }
  });
}
