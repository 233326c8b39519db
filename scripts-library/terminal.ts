import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { plain, plainJson } from '../sentinel/protocol/plain.ts';
import { Failure, Misuse } from './failure.ts';
import { surroundings } from './surroundings.ts';

/** Prints one JSON object for programs, or text for people: names in it may come from strangers. */
export function print(asJson: boolean | undefined, value: object, text: string): void {
  console.log(asJson ? plainJson(value) : plain(text));
}

/** Prints text whose styles are ours, and whose every other part was made `plain` before. */
export function printStyled(text: string): void {
  console.log(text);
}

/** Asks whoever sits at the terminal; `instead` says what to give where nobody does. */
export async function ask(question: string, instead: string): Promise<string> {
  return answerTo(question, instead, process.stdout);
}

/** The same, without showing what is typed. */
export async function askHidden(question: string, instead: string): Promise<string> {
  if (surroundings().isInteractive) process.stdout.write(question);
  const nowhere = new Writable({ write: (_text, _encoding, done) => done() });
  const answer = await answerTo('', instead, nowhere);
  process.stdout.write('\n');
  return answer;
}

/** Whether the answer is yes. */
export async function confirmed(question: string, instead: string): Promise<boolean> {
  return /^y(es)?$/i.test((await ask(`${question} [y/N] `, instead)).trim());
}

async function answerTo(question: string, instead: string, output: NodeJS.WritableStream): Promise<string> {
  if (!surroundings().isInteractive) throw new Misuse(instead);
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  try {
    return await lines.question(question);
  } catch {
    throw new Failure('\nStopped.'); // Ctrl-C or Ctrl-D; the cursor stands behind the question
  } finally {
    lines.close();
  }
}

/** All that comes in by a pipe, as of `… | vedette login`. */
export async function piped(): Promise<string> {
  if (process.stdin.isTTY) return '';
  let text = '';
  for await (const part of process.stdin.setEncoding('utf8')) text += part;
  return text.trim();
}
