/** A quantile read from a sketch is within this share of the true one. */
export const relativeAccuracy = 0.01;

const gamma = (1 + relativeAccuracy) / (1 - relativeAccuracy);
const perStep = 1 / Math.log(gamma);
/** One more than the bucket of the longest time, 2^53 - 1 µs. */
const buckets = bucketOf(Number.MAX_SAFE_INTEGER) + 1;
/** Counts by bucket while a sketch is read; zero everywhere in between, so that none has to be made for each. */
const counts = new Float64Array(buckets);

/**
 * How often times fell into each bucket, bucket numbers rising by 1 for every 2 % of time: DDSketch's mapping
 * (Masson, Rim and Lee, VLDB 2019). Sketches of hours add up to the sketch of a year without losing accuracy. What is
 * added is only remembered; it is counted when the sketch is read.
 */
export class Sketch {
  readonly #times: number[] = [];
  readonly #encoded: Uint8Array[] = [];

  /** Counts a whole number of µs, 0 or more. */
  add(us: number): void {
    this.#times.push(us);
  }

  /** Adds what `encode` wrote. */
  addEncoded(bytes: Uint8Array): void {
    this.#encoded.push(bytes);
  }

  /** Pairs of varints: the step from the bucket before, and its count. The same times always give the same bytes. */
  encode(): Buffer {
    const bytes: number[] = [];
    let previous = 0;
    this.#read((bucket, count) => {
      pushVarint(bytes, bucket - previous);
      pushVarint(bytes, count);
      previous = bucket;
    });
    return Buffer.from(bytes);
  }

  /**
   * The quantiles `shares` (0 to 1, rising) by nearest rank: the smallest time that at least the share of all does not
   * exceed. Null for an empty sketch.
   */
  quantiles(shares: readonly number[]): (number | null)[] {
    const found: number[] = [];
    let seen = 0;
    let ranks: number[] | undefined;
    this.#read((bucket, count, total) => {
      ranks ??= shares.map((share) => Math.max(1, Math.ceil(share * total)));
      seen += count;
      while (seen >= (ranks[found.length] ?? Number.POSITIVE_INFINITY)) found.push(middle(bucket));
    });
    return shares.map((_, i) => found[i] ?? null);
  }

  /** Tells of each bucket that holds something, in rising order, with the total of all. */
  #read(tell: (bucket: number, count: number, total: number) => void): void {
    let [first, last, total] = [buckets, -1, 0];
    const count = (bucket: number, times: number) => {
      counts[bucket] = (counts[bucket] ?? 0) + times;
      total += times;
      if (bucket < first) first = bucket;
      if (bucket > last) last = bucket;
    };
    for (const us of this.#times) count(bucketOf(us), 1);
    for (const bytes of this.#encoded) decode(bytes, count);
    for (let bucket = first; bucket <= last; bucket++) {
      const times = counts[bucket] ?? 0;
      counts[bucket] = 0;
      if (times > 0) tell(bucket, times, total);
    }
  }
}

/** Bucket 0 holds 0 itself. */
function bucketOf(us: number): number {
  return us === 0 ? 0 : Math.ceil(Math.log(us) * perStep) + 1;
}

/** The time that is at most `relativeAccuracy` away from every time in the bucket. */
function middle(bucket: number): number {
  return bucket === 0 ? 0 : (2 * gamma ** (bucket - 1)) / (gamma + 1);
}

function decode(bytes: Uint8Array, tell: (bucket: number, count: number) => void): void {
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
    tell(bucket, next());
  }
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
}
