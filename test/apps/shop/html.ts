declare const brand: unique symbol;
/** Text that is safe to send as HTML. Only `html` makes it. */
export type Html = { readonly [brand]: 'html'; toString(): string };

type Part = Html | string | number | false | undefined | readonly Html[];

class SafeHtml {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

/** A template of HTML: every value is escaped unless it is itself HTML; `false` and `undefined` leave nothing. */
export function html(texts: TemplateStringsArray, ...parts: Part[]): Html {
  const text = texts.reduce((whole, piece, i) => whole + asText(parts[i - 1]) + piece);
  return new SafeHtml(text) as unknown as Html;
}

function asText(part: Part): string {
  if (part === undefined || part === false) return '';
  if (Array.isArray(part)) return part.join('');
  return part instanceof SafeHtml ? part.toString() : escaped(String(part));
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
