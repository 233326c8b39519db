/** A secret, as text or as bytes, and what it is. */
export type Secret = readonly [name: string, value: string | Buffer];

/**
 * All that a secret could look like in a log or a database: as it is, in capitals and small letters where it is hexadecimal,
 * in base64 (wherever in a longer text it begins), in that of addresses, and as a part of an address or of JSON.
 */
export function everyForm(value: string | Buffer): Buffer[] {
  const bytes = Buffer.from(value);
  const text = bytes.toString();
  const isText = typeof value === 'string';
  const hex = bytes.toString('hex');
  const forms = [bytes, hex, hex.toUpperCase(), ...base64(bytes)];
  if (isText) forms.push(encodeURIComponent(text), JSON.stringify(text).slice(1, -1));
  return [...new Set(forms.map((form) => Buffer.from(form).toString('latin1')))].map((form) =>
    Buffer.from(form, 'latin1'),
  );
}

/** Three bytes are four letters, so there are three ways to begin; the letters at the ends depend on what stands beside. */
function base64(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const inside = whole.slice(before === 0 ? 0 : before + 1, -1);
    return [inside, inside.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** Where which secret stands, in any form, by the names of both. */
export function leaks(secrets: readonly Secret[], places: ReadonlyMap<string, Buffer>): string[] {
  return secrets.flatMap(([name, value]) => {
    const forms = everyForm(value);
    const holds = ([, content]: [string, Buffer]) => forms.some((form) => content.includes(form));
    return [...places].filter(holds).map(([place]) => `${name} is in ${place}`);
  });
}
