/** A quantile read from a sketch is within this share of the true one. */
export const relativeAccuracy = 0.01;

const gamma = (1 + relativeAccuracy) / (1 - relativeAccuracy);
const perStep = 1 / Math.log(gamma);
/** One more than the bucket of the longest time, 2^53 - 1 µs. */
const buckets = bucketOf(Number.MAX_SAFE_INTEGER) + 1;
/** So many are remembered before they become one: those of a year of hours at each of a hundred sentinels are gigabytes. */
const mostEncoded = 500;
/** Counts by bucket while sketches are added up; zero everywhere in between, so that none has to be made for each. */
const counts = new Float64Array(buckets);
/** What the sketch holds that is being read: buckets that are not empty, rising, and their counts. */
const held = { buckets: new Uint16Array(buckets), times: new Float64Array(buckets) };
/** By bucket, the time that is at most `relativeAccuracy` away from every time in it. */
const middles = Float64Array.from({ length: buckets }, (_, bucket) =>
  bucket === 0 ? 0 : (2 * gamma ** (bucket - 1)) / (gamma + 1),
);

/**
 * How often times fell into each bucket, bucket numbers rising by 1 for every 2 % of time: DDSketch's mapping
 * (Masson, Rim and Lee, VLDB 2019). Sketches of hours add up to the sketch of a year without losing accuracy. What is
 * added is only remembered; it is counted when the sketch is read.
 */
export class Sketch {
  #times: number[] = [];
  #encoded: Uint8Array[] = [];

  /** Counts a whole number of µs, 0 or more. */
  add(us: number): void {
    this.#times.push(us);
  }

  /** Adds what `encode` wrote. */
  addEncoded(bytes: Uint8Array): void {
    this.#encoded.push(bytes);
    if (this.#encoded.length < mostEncoded) return;
    this.#encoded = [this.encode()];
    this.#times = [];
  }

  /** Adds all that another one holds now. */
  addSketch(other: Sketch): void {
    this.#times.push(...other.#times);
    this.#encoded.push(...other.#encoded);
  }

  /** Pairs of varints: the step from the bucket before, and its count. The same times always give the same bytes. */
  encode(): Buffer {
    const bytes: number[] = [];
    const { length } = this.#read();
    let previous = 0;
    for (let i = 0; i < length; i++) {
      const bucket = held.buckets[i] ?? 0;
      pushVarint(bytes, bucket - previous);
      pushVarint(bytes, held.times[i] ?? 0);
      previous = bucket;
    }
    return Buffer.from(bytes);
  }

  /**
   * The quantiles `shares` (0 to 1, rising) by nearest rank: the smallest time that at least the share of all does not
   * exceed. Null for an empty sketch.
   */
  quantiles(shares: readonly number[]): (number | null)[] {
    const { length, total } = this.#read();
    let at = -1;
    let seen = 0;
    return shares.map((share) => {
      const rank = Math.max(1, Math.ceil(share * total));
      while (seen < rank && at < length - 1) seen += held.times[++at] ?? 0;
      return total === 0 ? null : (middles[held.buckets[at] ?? 0] ?? null);
    });
  }

  /** Puts into `held` what it holds. */
  #read(): Held {
    const [only] = this.#encoded;
    if (only && this.#encoded.length === 1 && this.#times.length === 0) return decode(only);
    const span: Span = { first: buckets, last: -1 };
    for (const us of this.#times) count(span, bucketOf(us), 1);
    for (const bytes of this.#encoded) {
      const { length } = decode(bytes);
      for (let i = 0; i < length; i++) count(span, held.buckets[i] ?? 0, held.times[i] ?? 0);
    }
    return collect(span);
  }
}

interface Held {
  /** How many buckets are not empty. */
  length: number;
  /** How many times are in them. */
  total: number;
}

/** The buckets of `counts` that may hold something. */
interface Span {
  first: number;
  last: number;
}

function count(span: Span, bucket: number, times: number): void {
  counts[bucket] = (counts[bucket] ?? 0) + times;
  if (bucket < span.first) span.first = bucket;
  if (bucket > span.last) span.last = bucket;
}

/** Moves what was counted into `held`. */
function collect({ first, last }: Span): Held {
  let [length, total] = [0, 0];
  for (let bucket = first; bucket <= last; bucket++) {
    const times = counts[bucket] ?? 0;
    if (times === 0) continue;
    held.buckets[length] = bucket;
    held.times[length] = times;
    length += 1;
    total += times;
  }
  counts.fill(0, first, last + 1);
  return { length, total };
}

/** Reads what `encode` wrote into `held`. One loop without functions in it: a long report reads a million of these bytes. */
function decode(bytes: Uint8Array): Held {
  const end = bytes.length;
  let [length, total, bucket] = [0, 0, 0];
  let [value, bits, isStep] = [0, 1, true];
  for (let at = 0; at < end; at++) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * bits;
    bits *= 128;
    if (byte >= 0x80) continue;
    if (isStep) {
      bucket += value;
    } else {
      held.buckets[length] = bucket;
      held.times[length] = value;
      length += 1;
      total += value;
    }
    isStep = !isStep;
    value = 0;
    bits = 1;
  }
  return { length, total };
}

/** Bucket 0 holds 0 itself. */
function bucketOf(us: number): number {
  return us === 0 ? 0 : Math.ceil(Math.log(us) * perStep) + 1;
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
}
