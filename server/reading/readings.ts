import { reportBytes } from '../reports/questions.ts';
import { planSpans } from '../rollups/plan-spans.ts';

/** What a thread can be asked to read: question and answer are plain values, and nothing is written. */
export const readings = { reportBytes, planSpans };
