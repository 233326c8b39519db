import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const page = readFileSync(new URL('../docs/asvs.md', import.meta.url), 'utf8');

/** How many requirements of levels 1 and 2 each section of the standard (5.0.0) has, numbered from 1. */
const sections: Record<string, number> = {
  ...{ 3.2: 2, 3.3: 4, 3.4: 6, 3.5: 5, 3.7: 2, 4.1: 3, 4.2: 1, 5.1: 1, 5.2: 3, 5.3: 2, 5.4: 3 },
  ...{
    6.1: 3,
    6.2: 12,
    6.3: 4,
    6.4: 4,
    6.5: 5,
    7.1: 3,
    7.2: 4,
    7.3: 2,
    7.4: 5,
    7.5: 2,
    8.1: 2,
    8.2: 3,
    8.3: 1,
    8.4: 1,
  },
  ...{ 11.1: 2, 11.2: 3, 11.3: 3, 11.4: 4, 11.5: 1, 11.6: 1, 12.1: 3, 12.2: 2, 12.3: 4 },
  ...{ 16.1: 1, 16.2: 5, 16.3: 4, 16.4: 3, 16.5: 3 },
};

interface Row {
  ids: string[];
  how: string;
  tests: string;
}

function rows(): Row[] {
  const lines = page.split('\n').filter((line) => /^\| \d/.test(line));
  return lines.map((line) => {
    const [, requirements = '', , how = '', tests = ''] = line.split('|').map((cell) => cell.trim());
    return { ids: idsIn(requirements), how, tests };
  });
}

/** `6.2.2, 6.2.3` or `3.3.1 to 3.3.4`; of a whole section its name. */
function idsIn(cell: string): string[] {
  return cell.split(', ').flatMap((part) => {
    const [from = '', to] = part.split(' to ');
    if (to === undefined) return [from];
    const section = from.replace(/\.\d+$/, '');
    const [first, last] = [from, to].map((id) => Number(id.split('.').at(-1)));
    return Array.from({ length: (last ?? 0) - (first ?? 0) + 1 }, (_, i) => `${section}.${(first ?? 0) + i}`);
  });
}

test('each requirement of levels 1 and 2 of the chapters that apply is answered', () => {
  const answered = new Set(rows().flatMap(({ ids }) => ids));
  const wanted = Object.entries(sections).flatMap(([section, count]) =>
    Array.from({ length: count }, (_, i) => `${section}.${i + 1}`),
  );
  assert.deepEqual(
    wanted.filter((id) => !answered.has(id)),
    [],
  );
  for (const section of ['4.3', '4.4', '6.6', '6.8', '7.6']) assert.ok(answered.has(section), section);
});

test('most are held by a test, the others say why not', () => {
  const without = rows().filter(({ tests }) => tests === '');
  assert.ok(without.length < rows().length * 0.2, `${without.length} of ${rows().length}`);
  for (const { ids, how } of without) assert.match(how, /\w{3}/, ids.join());
});
