import { ask } from '../terminal.ts';
import { type Decisions, nameOfSecret, type Part, typedIn } from './cut.ts';

const instead = 'Nobody is here to ask: add --yes to take the names as they were found.';

/** What its author makes of a recording: asked part by part; with `asFound` nothing is asked. */
export async function decided(found: readonly Part[], title: string, asFound: boolean): Promise<Decisions> {
  const parts = asFound ? found : await chosenParts(found);
  const secrets = new Map<string, string>();
  for (const { value, label, secret } of typedIn(parts)) {
    const name = asFound ? secret : await chosenSecret(label, secret);
    if (name !== undefined) secrets.set(value, name);
  }
  return { title, parts, secrets };
}

async function chosenParts(found: readonly Part[]): Promise<Part[]> {
  console.log(
    `\nThe recording falls into ${found.length} parts. Name each as a report shall call it; Enter takes the name`,
  );
  console.log('in brackets, "-" joins the part to the one before.\n');
  const parts: Part[] = [];
  for (const { name, deeds } of found) {
    for (const { text } of deeds) console.log(`    ${text}`);
    const answer = (await ask(`  Name [${name}]: `, instead)).trim();
    const before = parts.at(-1);
    if (answer === '-' && before) before.deeds.push(...deeds);
    else parts.push({ name: answer === '' || answer === '-' ? name : answer, deeds: [...deeds] });
  }
  return parts;
}

async function chosenSecret(label: string, secret: string | undefined): Promise<string | undefined> {
  const usual = secret ?? 'no secret';
  const question = `What you typed into "${label}" is a secret called [${usual}] ("-": it is none): `;
  const answer = (await ask(question, instead)).trim();
  if (answer === '') return secret;
  return answer === '-' ? undefined : nameOfSecret(answer);
}
