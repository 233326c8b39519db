/*
 * Two machines with one identity: a copied disk has the sentinel's key too. Each start of a sentinel (a boot) has an id
 * of its own, which it writes down before it first speaks; and it says which boots of its home came before. So whoever
 * knows the boot that spoke last is the same machine started again, however it ended; whoever does not is another one.
 */

/** The machine that uses a key, and those that tried to. Kept with the key, as JSON. */
export interface KeyHolder {
  /** The boot that may speak. */
  boot: string;
  /** Since when, ms since 1970, and from which address. */
  since: number;
  address: string;
  /** Boots that it replaced: what is still on its way from them is refused, and nobody is suspected. */
  replaced: string[];
  others: OtherHolder[];
}

/** A machine that has the key and does not know the boot that spoke last. */
export interface OtherHolder {
  boot: string;
  since: number;
  address: string;
  /** An administrator decided that it is not the one: it is to enrol anew. */
  turnedAway?: boolean;
}

/** What a request says of the machine it comes from. */
export interface Speaker {
  boot: string;
  /** Boots of its home before this one; `known`: this boot was answered before, and need not explain itself again. */
  before: readonly string[] | 'known';
  address: string;
  at: number;
}

export type Verdict =
  /** It may speak. */
  | 'welcome'
  /** Another boot has taken over: one that is alive starts anew, and is then judged by what it knows. */
  | 'replaced'
  /** Another machine. */
  | 'parked';

/** Late requests of boots longer ago than that have long been given up. */
const replacedKept = 30;
/** An image that was enrolled can be a whole pool; beyond that many they are parked all the same, and not listed. */
const othersKept = 1000;

/** Whether `speaker` may speak; `holder` as it is afterwards, the same object if nothing changed. */
export function judge(
  holder: KeyHolder | undefined,
  speaker: Speaker,
): { verdict: Verdict; holder: KeyHolder | undefined } {
  const { boot, before } = speaker;
  if (holder === undefined) return { verdict: 'welcome', holder: firstHolder(speaker) };
  if (boot === holder.boot) return { verdict: 'welcome', holder };
  if (holder.others.some((other) => other.boot === boot)) return { verdict: 'parked', holder };
  if (before === 'known' || holder.replaced.includes(boot)) return { verdict: 'replaced', holder };
  if (before.includes(holder.boot)) return { verdict: 'welcome', holder: takenOver(holder, before, speaker) };
  return { verdict: 'parked', holder: withOther(holder, before, speaker) };
}

/** The administrator decided that the machine of `boot` is the one; undefined if it is not among the others (any more). */
export function handedOver(holder: KeyHolder, boot: string, at: number): KeyHolder | undefined {
  const chosen = holder.others.find((other) => other.boot === boot);
  if (!chosen) return undefined;
  const others = turnedAway(holder).others.filter((other) => other.boot !== boot);
  const former = { boot: holder.boot, since: holder.since, address: holder.address, turnedAway: true };
  return { ...holder, boot, since: at, address: chosen.address, others: [...others, former] };
}

/** The administrator decided that the machine that speaks is the one, and all others are to enrol anew. */
export function turnedAway(holder: KeyHolder): KeyHolder {
  return { ...holder, others: holder.others.map((other) => ({ ...other, turnedAway: true })) };
}

function firstHolder({ boot, before, address, at }: Speaker): KeyHolder {
  return { boot, since: at, address, replaced: before === 'known' ? [] : [...before], others: [] };
}

/** The same machine, started again. */
function takenOver(holder: KeyHolder, before: readonly string[], { boot, address, at }: Speaker): KeyHolder {
  // Those before it, too: one of them may have spoken and not been heard yet.
  const replaced = [...new Set([...holder.replaced.slice(-replacedKept), ...before])];
  const others = holder.others.filter((other) => !before.includes(other.boot));
  return { boot, since: at, address, replaced, others };
}

/** Another machine; one that was parked before and was started again is still the same one. */
function withOther(holder: KeyHolder, before: readonly string[], { boot, address, at }: Speaker): KeyHolder {
  const earlier = holder.others.filter((other) => before.includes(other.boot));
  const rest = holder.others.filter((other) => !before.includes(other.boot));
  if (earlier.length === 0 && rest.length >= othersKept) return holder;
  const other = { since: at, ...earlier[0], boot, address };
  const replaced = [...holder.replaced.slice(-replacedKept), ...earlier.map((former) => former.boot)];
  return { ...holder, replaced, others: [...rest, other] };
}
