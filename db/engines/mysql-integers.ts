/** Columns of these types (mysql2's `columnType`) can hold more than a number can: BIGINT, and what SUM gives. */
const wide = new Set([8, 246]);

interface Field {
  name: string;
  columnType?: number;
}

/** Throws if an integer of the answer `[rows, fields]` was too large for a number: mysql2 gives it as text then. */
export function checkIntegers(response: unknown): void {
  const [rows, fields] = Array.isArray(response) ? response : [];
  if (!Array.isArray(rows) || !Array.isArray(fields)) return;
  for (const { name, columnType } of fields as Field[]) {
    if (!wide.has(columnType ?? 0)) continue;
    for (const row of rows) {
      const value: unknown = row[name];
      if (typeof value === 'string' || (typeof value === 'number' && !isExact(value))) {
        throw new RangeError(`the column ${name} holds ${value}, which is more than can be counted exactly`);
      }
    }
  }
}

function isExact(value: number): boolean {
  return !Number.isInteger(value) || Number.isSafeInteger(value);
}
