/**
 * How often times fell into each bucket, bucket numbers rising by 1 for every 2 % of time: DDSketch's mapping
 * (Masson, Rim and Lee, VLDB 2019). Sketches of hours add up to the sketch of a year without losing accuracy.
 */
export type Sketch = Map<number, number>;

/** A quantile read from a sketch is within this share of the true one. */
export const relativeAccuracy = 0.01;

const gamma = (1 + relativeAccuracy) / (1 - relativeAccuracy);
const perStep = 1 / Math.log(gamma);

/** Counts a whole number of µs, 0 or more. Bucket 0 holds 0 itself. */
export function addValue(sketch: Sketch, us: number): void {
  addCount(sketch, us === 0 ? 0 : Math.ceil(Math.log(us) * perStep) + 1, 1);
}

/**
 * The quantile `q` (0 to 1) by nearest rank: the smallest time that at least the share `q` of all does not exceed.
 * Null for an empty sketch.
 */
export function quantile(sketch: Sketch, q: number): number | null {
  const buckets = [...sketch].sort(([a], [b]) => a - b);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  const rank = Math.max(1, Math.ceil(q * total));
  let seen = 0;
  for (const [bucket, count] of buckets) {
    seen += count;
    if (seen >= rank) return middle(bucket);
  }
  return null;
}

/** Pairs of varints: the step from the bucket before, and its count. The same sketch always gives the same bytes. */
export function encode(sketch: Sketch): Buffer {
  const bytes: number[] = [];
  let previous = 0;
  for (const [bucket, count] of [...sketch].sort(([a], [b]) => a - b)) {
    pushVarint(bytes, bucket - previous);
    pushVarint(bytes, count);
    previous = bucket;
  }
  return Buffer.from(bytes);
}

/** Adds what `encode` wrote to `sketch`. */
export function addEncoded(sketch: Sketch, bytes: Uint8Array): void {
  let at = 0;
  const next = () => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  for (let bucket = 0; at < bytes.length; ) {
    bucket += next();
    addCount(sketch, bucket, next());
  }
}

function addCount(sketch: Sketch, bucket: number, count: number): void {
  sketch.set(bucket, (sketch.get(bucket) ?? 0) + count);
}

/** The time that is at most `relativeAccuracy` away from every time in the bucket. */
function middle(bucket: number): number {
  return bucket === 0 ? 0 : (2 * gamma ** (bucket - 1)) / (gamma + 1);
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
}
