/** What one look found. */
export interface Finding {
  state: 'ok' | 'wrong' | 'skipped';
  /** What was seen, for people. */
  seen: string;
  /** What to do, if something is wrong. */
  next?: string;
}

/** A look at one thing that a sentinel needs. Those that `needs` names must have gone well, else it is skipped. */
export interface Step {
  name: string;
  needs?: readonly string[];
  look(signal: AbortSignal): Promise<Finding>;
}

export interface Looked extends Finding {
  name: string;
}

/** The longest a look may take. */
const longestLookMs = 10_000;

/** Goes through all steps, in order. Never throws and never hangs: a look that does not end is wrong. */
export async function* walk(steps: readonly Step[], deadlineMs = longestLookMs): AsyncGenerator<Looked> {
  const well = new Set<string>();
  for (const { name, needs = [], look } of steps) {
    const missing = needs.filter((need) => !well.has(need));
    const found =
      missing.length > 0
        ? skipped(`not looked at, since ${missing.join(' and ')} is not well`)
        : await inTime(look, deadlineMs);
    if (found.state === 'ok') well.add(name);
    yield { name, ...found };
  }
}

export function ok(seen: string): Finding {
  return { state: 'ok', seen };
}

export function wrong(seen: string, next: string): Finding {
  return { state: 'wrong', seen, next };
}

export function skipped(seen: string): Finding {
  return { state: 'skipped', seen };
}

async function inTime(look: Step['look'], deadlineMs: number): Promise<Finding> {
  const { promise: late, resolve } = Promise.withResolvers<Finding>();
  const stop = new AbortController();
  const timer = setTimeout(() => {
    stop.abort();
    resolve(
      wrong(`no answer within ${deadlineMs / 1000} s`, 'look at what holds it up: network, disk or a busy device'),
    );
  }, deadlineMs);
  try {
    return await Promise.race([look(stop.signal).catch(failed), late]);
  } finally {
    clearTimeout(timer);
  }
}

function failed(error: unknown): Finding {
  return wrong(error instanceof Error ? error.message : String(error), 'put right what this says');
}
