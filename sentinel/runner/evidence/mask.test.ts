import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { masker } from './mask.ts';

const each = (text: string, form: (code: number) => string) =>
  [...Array(text.length).keys()].map((i) => form(text.charCodeAt(i))).join('');
const hex = (code: number, digits = 2) => code.toString(16).padStart(digits, '0');
const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const html = (text: string) => text.replace(/[&<>"']/g, (c) => named[c] ?? c);

/** How programs write a text into others. */
const encodings: Record<string, (text: string) => string> = {
  'as it is': (t) => t,
  'in an address': encodeURIComponent,
  'in an address, lower case': (t) => encodeURIComponent(t).replace(/%../g, (c) => c.toLowerCase()),
  'in a whole address': encodeURI,
  'in an address in an address': (t) => encodeURIComponent(encodeURIComponent(t)),
  'in a form': (t) => new URLSearchParams({ t }).toString().slice(2),
  'every byte in an address': (t) => [...Buffer.from(t)].map((byte) => `%${hex(byte)}`).join(''),
  'in JSON': (t) => JSON.stringify(t).slice(1, -1),
  'in JSON in JSON': (t) => JSON.stringify(JSON.stringify(t)).slice(3, -3),
  'in JSON for HTML': (t) =>
    JSON.stringify(t)
      .slice(1, -1)
      .replace(/[<>&']/g, (c) => `\\u${hex(c.charCodeAt(0), 4)}`),
  'in HTML': html,
  'in HTML in HTML': (t) => html(html(t)),
  'in character references': (t) => each(t, (code) => `&#${code};`),
  'in hexadecimal references': (t) => each(t, (code) => `&#x${hex(code)};`),
  'in escapes': (t) => each(t, (code) => `\\u${hex(code, 4)}`),
  'in base64': (t) => Buffer.from(t).toString('base64'),
  'in base64 for addresses': (t) => Buffer.from(t).toString('base64url'),
  'in base64 after a name': (t) => Buffer.from(`user:${t}`).toString('base64'),
  'in base64 after another name': (t) => Buffer.from(`users:${t}`).toString('base64'),
  'in base64 of JSON': (t) => Buffer.from(JSON.stringify({ t })).toString('base64'),
  'in base64 of UTF-16': (t) => Buffer.from(t, 'utf16le').toString('base64'),
  'in hexadecimal': (t) => Buffer.from(t).toString('hex'),
  'in upper hexadecimal': (t) => Buffer.from(t).toString('hex').toUpperCase(),
  'in a dump': (t) => [...Buffer.from(t)].map((byte) => hex(byte)).join(' '),
  'in character codes': (t) => [...Buffer.from(t)].join(', '),
  'on one line': (t) => t.replace(/\s+/g, ' '),
  'with lines run together': (t) => t.replace(/[\r\n]+/g, ''),
  'in upper case': (t) => t.replace(/[a-z]/g, (c) => c.toUpperCase()),
  'taken apart': (t) => t.normalize('NFD'),
};

const awkward = `ö p"a'ß %4+&<x>\\ü\nzweite Zeile/?`;
const plain = 'hunter2hunter2';

for (const [how, encode] of Object.entries(encodings)) {
  test(`a secret ${how} is masked, and what stands around it is not`, () => {
    for (const secret of [awkward, plain]) {
      const masked = masker([secret])(`before ${encode(secret)} after`);
      assert.match(masked, /^before .*•••.* after$/s);
      assert.ok(!masked.includes(encode(secret)), masked);
      // Of base64 the characters stay that hold bits of the neighbours too.
      assert.ok(masked.length < 40, masked);
    }
  });

  test(`whatever the secret, none is left ${how}`, () => {
    const surroundings = fc.string({ maxLength: 30 });
    const secrets = fc
      .string({ minLength: 4, maxLength: 16, unit: fc.constantFrom(...` "'\\%+&<>/?=.-_$€äß\n\tabcXYZ0123😀`) })
      .filter((secret) => secret.replace(/[\s+]/g, '').length >= 4);
    const runs = process.env.VEDETTE_LONG ? 1000 : 10;
    fc.assert(
      fc.property(secrets, surroundings, surroundings, (secret, before, after) => {
        const written = encode(secret.trim());
        const masked = masker([secret])(before + written + after);
        assert.ok(!masked.includes(written), `${JSON.stringify(written)} in ${JSON.stringify(masked)}`);
      }),
      { numRuns: runs, endOnFailure: true },
    );
  });
}

test('of a secret that was cut off with an ellipsis the beginning is masked', () => {
  assert.equal(masker([plain])('value="hunter2h…"'), 'value="•••"');
  assert.equal(masker([plain])('value="hunter2h..."'), 'value="•••"');
  assert.equal(masker([plain])('the hunt is on'), 'the hunt is on');
});

test('each line of a secret of several lines is a secret too', () => {
  const lines = [
    '-----BEGIN KEY-----',
    'MIIEvgIBADANBgkqhkiG',
    'kCG9w0BAQEFAASCBKgwg',
    'C8QwgXsd',
    '-----END KEY-----',
  ];
  const mask = masker([lines.join('\n')]);
  for (const line of lines) assert.equal(mask(`<b>${line}</b>`), '<b>•••</b>');
  assert.equal(mask(`x ${lines.join('\r\n')} y`), 'x ••• y');
});

test('a secret of less than 4 characters is masked where it stands alone, so that texts stay readable', () => {
  const mask = masker(['1', 'ab']);
  assert.equal(mask('1 of 10 in tab ab'), '••• of 10 in tab •••');
});

test('secrets that overlap or hold each other are masked as a whole', () => {
  assert.equal(masker(['pass', 'password123'])('a password123 b'), 'a ••• b');
  assert.equal(masker(['abcd1', 'd1efgh'])('x abcd1efgh y'), 'x ••• y');
});

test('without secrets, or with empty ones, nothing is masked', () => {
  assert.equal(masker([])('a b'), 'a b');
  assert.equal(masker(['', ' \n'])('a b'), 'a b');
});

test('a text made to be slow is masked in time that grows with its length', { timeout: 20_000 }, () => {
  const mask = masker(['\\\\\\"\\\\""\\"\\\\x', '%25%%2525%&amp;&&amp;x', '    a    b    ', '....//....""\'\'\'"']);
  for (const unit of ['\\', '"', '%25', '&amp;', ' ', '\\"', '.', "'"]) mask(unit.repeat(20_000));
});

test('of a page on which much is painted over all is masked as it stands, and at once', () => {
  const lines = Array.from({ length: 200 }, (_, i) =>
    `${i} some "text", with signs & a \\ more: `.repeat(8).slice(0, 300),
  );
  const from = performance.now();
  const mask = masker([plain], ['typed!', ...lines]);
  for (const line of lines) assert.equal(mask(`before ${line.trim().replace(/\s+/g, '\n')} after`), 'before ••• after');
  for (const line of lines) assert.equal(mask(`- ${JSON.stringify(line.trim())}`), '- "•••"');
  assert.equal(mask(`${encodeURIComponent('typed!')} ${plain}`), '••• •••');
  const tookMs = performance.now() - from;
  assert.ok(tookMs < 10_000, `${tookMs} ms`);
});
