import { plain } from '../../sentinel/protocol/plain.ts';
import { ask } from '../terminal.ts';
import { type Decisions, type Deed, nameOfSecret, type Part, type Typed, typedIn } from './cut.ts';

export const nobodyToAsk = 'Nobody is here to ask: add --yes to take the names as they are found.';

/** What its author makes of a recording: asked part by part; with `asFound` nothing is asked. */
export async function decided(found: readonly Part[], title: string, asFound: boolean): Promise<Decisions> {
  const typed = typedIn(found);
  const hidden = new Set(typed.filter(({ looksSecret }) => looksSecret).map(({ value }) => value));
  const parts = asFound ? found : await chosenParts(found, hidden);
  const secrets = new Map<string, string>();
  if (!asFound && typed.length > 0) console.log('\nWhat you typed: secrets are kept out of the script.\n');
  for (const one of typed) {
    const usual = free(nameOfSecret(`${title} ${one.label}`), [...secrets.values()]);
    const name = asFound ? (one.looksSecret ? usual : undefined) : await chosenSecret(one, usual);
    if (name !== undefined) secrets.set(one.value, name);
  }
  return { title, parts, secrets };
}

async function chosenParts(found: readonly Part[], hidden: ReadonlySet<string>): Promise<Part[]> {
  console.log(`\nThe recording falls into ${found.length} parts; each becomes a transaction with a time of its own.`);
  console.log('Enter takes the name in brackets, another name replaces it, "-" joins the part to the one before.\n');
  const parts: Part[] = [];
  for (const { name, deeds } of found) {
    for (const deed of deeds) console.log(`    ${plain(shown(deed, hidden))}`);
    const answer = (await ask(`  Name [${plain(name)}]: `, nobodyToAsk)).trim();
    const before = parts.at(-1);
    if (answer === '-' && before) before.deeds.push(...deeds);
    else parts.push({ name: answer === '' || answer === '-' ? name : answer, deeds: [...deeds] });
  }
  return parts;
}

/** A password is not for whoever looks over a shoulder. */
function shown({ text, typed }: Deed, hidden: ReadonlySet<string>): string {
  return typed && hidden.has(typed.value) ? `${text.slice(0, typed.from)}'•••'${text.slice(typed.to)}` : text;
}

/** The name it is to have as a secret; undefined: it is none. */
async function chosenSecret({ value, label, looksSecret }: Typed, usual: string): Promise<string | undefined> {
  const question = looksSecret
    ? `  "${label}" becomes the secret [${usual}]. Enter: yes; another name; "-": it is none: `
    : `  "${label}", where you typed "${value}", is no secret. Enter: so it is; or a name for the secret: `;
  const answer = (await ask(plain(question), nobodyToAsk)).trim();
  if (answer === '-') return undefined;
  if (answer !== '') return nameOfSecret(answer);
  return looksSecret ? usual : undefined;
}

function free(name: string, taken: readonly string[]): string {
  for (let n = 2; ; n++) {
    if (!taken.includes(name)) return name;
    if (!taken.includes(`${name}_${n}`)) return `${name}_${n}`;
  }
}
