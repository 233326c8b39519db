/* What people type as targets. A comma is as good as a point. Null: nothing was agreed on; undefined: no such number. */

/** `99.5` → 0.995: from 0 to 100, to the millionth. */
export function readPercent(text: string): number | null | undefined {
  const percent = numberIn(text);
  if (typeof percent !== 'number') return percent;
  if (percent > 100 || !/^\d+([.,]\d{1,4})?$/.test(bare(text))) return undefined;
  return Math.round(percent * 10_000) / 1_000_000;
}

/** `0.8` → 800,000 µs: above 0, a day at most. */
export function readSeconds(text: string): number | null | undefined {
  const seconds = numberIn(text);
  if (typeof seconds !== 'number') return seconds;
  return seconds > 0 && seconds <= 86_400 ? Math.round(seconds * 1e6) : undefined;
}

function numberIn(text: string): number | null | undefined {
  if (bare(text) === '') return null;
  return /^\d+([.,]\d+)?$/.test(bare(text)) ? Number(bare(text).replace(',', '.')) : undefined;
}

/** Without its unit and what stands around it. */
function bare(text: string): string {
  return text.replace(/[%s]\s*$/, '').trim();
}
