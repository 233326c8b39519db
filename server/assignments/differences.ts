import type { Change, MonitorWish } from '../../scripts-library/publish/deployment.ts';

type Difference = Change['differences'][number];

/** What differs between two settings of a monitor, field by field, in a fixed order. */
export function differences(before: Partial<MonitorWish>, after: MonitorWish): Difference[] {
  const [was, is] = [flat(before), flat(after)];
  const fields = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort();
  return fields
    .filter((field) => was[field] !== is[field])
    .map((field) => ({ field, before: shown(field, was[field]), after: shown(field, is[field]) }));
}

/** Fields by their path; lists are values, so that one that grew is one difference. */
function flat(value: object, path = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, part] of Object.entries(value)) {
    if (part === undefined) continue;
    const isDeeper = typeof part === 'object' && part !== null && !Array.isArray(part) && !path.startsWith('use.');
    if (isDeeper) Object.assign(found, flat(part, `${path}${name}.`));
    else found[`${path}${name}`] = typeof part === 'string' ? part : JSON.stringify(part);
  }
  return found;
}

/** Options of `use` may hold passwords: but for the address, only that they differ is told. */
function shown(field: string, value: string | undefined): string | null {
  if (value === undefined) return null;
  return field.startsWith('use.') && field !== 'use.baseURL' ? '•••' : value;
}
