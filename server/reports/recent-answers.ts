/** Keeps the last answer to each of several questions for a moment, so that many who look at once ask but once. */
export class RecentAnswers<Answer> {
  readonly #forMs: number;
  readonly #recent = new Map<string, { at: number; answer: Promise<Answer> }>();

  constructor(forMs: number) {
    this.#forMs = forMs;
  }

  /** What was answered within the time before `now` (ms), or is being answered; else what `ask` answers. */
  get(question: string, now: number, ask: () => Promise<Answer>): Promise<Answer> {
    for (const [key, { at }] of this.#recent) if (now - at >= this.#forMs) this.#recent.delete(key);
    const known = this.#recent.get(question);
    if (known) return known.answer;
    const answer = ask();
    this.#recent.set(question, { at: now, answer });
    // What failed is asked again by the next one.
    answer.catch(() => this.#recent.delete(question));
    return answer;
  }
}
