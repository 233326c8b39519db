import type { Problems } from '../problems.ts';
import type { Journal, MessageNotes, Outgoing } from './journal.ts';

/**
 * The journal, but for its throwing: what can't be written down is told, and keeps nothing from being sent. Its bytes are
 * counted all the same, as long as this process runs.
 */
export class MessageLog implements MessageNotes {
  readonly #journal: Pick<Journal, 'add' | 'takeBack' | 'count' | 'sentToday'>;
  readonly #problems: Problems;
  /** What is not written down, of the last two days, by numbers that the journal does not give. */
  readonly #unwritten = new Map<number, { at: number; bytes: number }>();
  #lastUnwritten = 0;

  constructor(journal: Pick<Journal, 'add' | 'takeBack' | 'count' | 'sentToday'>, problems: Problems) {
    this.#journal = journal;
    this.#problems = problems;
  }

  add(message: Outgoing): number {
    return this.#tried(() => this.#journal.add(message)) ?? this.#addUnwritten(Buffer.byteLength(message.content));
  }

  takeBack(id: number): void {
    if (!this.#unwritten.delete(id)) this.#tried(() => this.#journal.takeBack(id));
  }

  count(call: string, by: number): void {
    this.#tried(() => this.#journal.count(call, by));
  }

  /** Bytes that went out since midnight on this device; undefined if the journal can't be asked. */
  today(now = Date.now()): number | undefined {
    const midnight = new Date(now).setHours(0, 0, 0, 0);
    const since = [...this.#unwritten.values()].filter(({ at }) => at >= midnight && at <= now);
    try {
      return since.reduce((sum, { bytes }) => sum + bytes, this.#journal.sentToday(now));
    } catch {
      return undefined; // what can't be read can't be written either, and that is told
    }
  }

  #addUnwritten(bytes: number): number {
    const at = Date.now();
    for (const [id, before] of this.#unwritten)
      if (Math.abs(at - before.at) > 2 * 86_400_000) this.#unwritten.delete(id);
    this.#unwritten.set(--this.#lastUnwritten, { at, bytes });
    return this.#lastUnwritten;
  }

  #tried<T>(write: () => T): T | undefined {
    try {
      const done = write();
      this.#problems.set('journal', undefined);
      return done;
    } catch (error) {
      const why = error instanceof Error ? error.message : error;
      this.#problems.set('journal', `what is sent can't be written down: ${why}`);
      return undefined;
    }
  }
}
