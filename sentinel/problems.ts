/** What is wrong with a sentinel at the moment, one sentence per part of it; the server and `status` are shown these. */
export class Problems {
  readonly #sentences = new Map<string, string>();
  readonly #onChange: (sentences: string[], news: string | undefined) => void;

  /** `onChange` is told all that is wrong, and which sentence is new. */
  constructor(onChange: (sentences: string[], news: string | undefined) => void = () => {}) {
    this.#onChange = onChange;
  }

  /** What is wrong with `part` now; undefined: nothing any more. */
  set(part: string, sentence: string | undefined): void {
    if (this.#sentences.get(part) === sentence) return;
    if (sentence === undefined) this.#sentences.delete(part);
    else this.#sentences.set(part, sentence.slice(0, 500));
    this.#onChange(this.list(), sentence);
  }

  /** At most 50, each once: several parts often suffer from one cause. */
  list(): string[] {
    return [...new Set(this.#sentences.values())].slice(0, 50);
  }
}
