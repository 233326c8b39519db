const units = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 } as const;

/** Milliseconds of a length of time as people write it, `5 min`; undefined if it is none. */
export function milliseconds(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?) ?(ms|s|min|h)$/.exec(text.trim()) ?? [];
  return amount === undefined ? undefined : Math.round(Number(amount) * units[unit as keyof typeof units]);
}

/** A length of time as people write it, in the largest unit that gives a whole number. */
export function inWords(ms: number): string {
  const unit = (['h', 'min', 's'] as const).find((name) => ms > 0 && ms % units[name] === 0) ?? 'ms';
  return `${ms / units[unit]} ${unit}`;
}
