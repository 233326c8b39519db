import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common';
import { dictionary as english, translations } from '@zxcvbn-ts/language-en';
import type { StrengthAnswer, StrengthQuestion } from './password-strength.ts';

/* A thread of its own, since the lists of words take some 20 MB and a judgement up to seconds. It is ended when nobody asks. */

/** Those of the million most used passwords that are long enough for us, the most used first (SecLists, under MIT's licence). */
const long = readFileSync(new URL('./common-passwords.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const dictionary = { ...common, ...english, 'passwords-long': long };
const judge = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs, translations });

parentPort?.on('message', ({ number, password, words }: StrengthQuestion) => {
  const { score, feedback } = judge.check(password, words);
  const advice = [feedback.warning, ...feedback.suggestions].filter(Boolean).join(' ');
  parentPort?.postMessage({ number, score, advice } satisfies StrengthAnswer);
});
