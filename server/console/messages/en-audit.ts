/** Numbers from here on (September 2001) are ms since 1970. */
const firstInstant = 1e12;

/** An action as a choice in a list: `signed-in` → `Signed in`. */
export function actionName(action: string): string {
  const spaced = action.replaceAll('-', ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** What else an entry holds: `{ role: 'admin', usesLeft: 2 }` → `role: admin · uses left: 2`; instants by `when`. */
export function detailWords(detail: Readonly<Record<string, unknown>>, when: (at: number) => string): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => `${spaced(name)}: ${valueWords(value, when)}`)
    .join(' · ');
}

function valueWords(value: unknown, when: (at: number) => string): string {
  if (typeof value === 'number' && value >= firstInstant) return when(value);
  if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) return `${value.slice(0, 12)}…`;
  if (Array.isArray(value)) return value.map((one) => valueWords(one, when)).join(', ');
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(value);
}

function spaced(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
