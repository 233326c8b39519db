import type { RunError } from '../../sentinel/protocol/messages.ts';
import type { DetailedResult } from '../../sentinel/runner/runner.ts';
import { placeOf } from '../../sentinel/try/code-frame.ts';
import type { KeptEvidence } from '../../sentinel/try/evidence-folder.ts';
import type { Trial } from './trials.ts';

/** A trial that was run, with where its evidence lies. */
export interface Tried {
  trial: Trial;
  result: DetailedResult;
  evidence: readonly KeptEvidence[];
}

type Test = DetailedResult['tests'][number];

/** What is known of one test, as both reports tell it. */
interface Told {
  title: string;
  status: 'passed' | 'failed' | 'skipped';
  ms: number;
  errors: string[];
  steps: { title: string; duration: number; error?: { message: string } }[];
}

/** As Playwright's json reporter has it, as far as a sentinel knows it. */
export function jsonReport(tried: readonly Tried[], startedAt: number): object {
  const all = tried.flatMap((one) => toldOf(one));
  const count = (status: Told['status']) => all.filter((test) => test.status === status).length;
  return {
    suites: tried.map((one) => ({
      title: one.trial.name,
      file: one.trial.file,
      specs: toldOf(one).map(({ title, status, ms, errors, steps }) => ({
        title,
        ok: status !== 'failed',
        file: one.trial.file,
        tests: [
          {
            expectedStatus: 'passed',
            status: status === 'failed' ? 'unexpected' : status === 'passed' ? 'expected' : 'skipped',
            results: [
              {
                status,
                duration: ms,
                errors: errors.map((message) => ({ message })),
                steps,
                attachments: attachments(one),
              },
            ],
          },
        ],
      })),
    })),
    errors: [],
    stats: {
      startTime: new Date(startedAt).toISOString(),
      duration: all.reduce((sum, { ms }) => sum + ms, 0),
      ...{ expected: count('passed'), unexpected: count('failed'), skipped: count('skipped'), flaky: 0 },
    },
  };
}

/** As Playwright's junit reporter has it. */
export function junitReport(tried: readonly Tried[]): string {
  const suites = tried.map((one) => {
    const tests = toldOf(one);
    const counts = `tests="${tests.length}" failures="${tests.filter(({ status }) => status === 'failed').length}" skipped="${tests.filter(({ status }) => status === 'skipped').length}" errors="0"`;
    const time = seconds(tests.reduce((sum, { ms }) => sum + ms, 0));
    const cases = tests.map((test) => testCase(one.trial, test)).join('');
    return `<testsuite name="${xml(one.trial.name)}" ${counts} time="${time}">\n${cases}</testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`;
}

function testCase({ file }: Trial, { title, status, ms, errors }: Told): string {
  const head = `<testcase name="${xml(title)}" classname="${xml(file)}" time="${seconds(ms)}"`;
  if (status === 'passed') return `${head}/>\n`;
  if (status === 'skipped') return `${head}><skipped/></testcase>\n`;
  const [first = ''] = errors[0]?.split('\n') ?? [];
  return `${head}><failure message="${xml(first)}">${xml(errors.join('\n\n'))}</failure></testcase>\n`;
}

/** One entry for each test, or for the run as a whole where it didn't come to a test. */
function toldOf({ trial, result }: Tried): Told[] {
  const { run, tests } = result;
  const told = tests.map((test) => toldOfTest(trial, test));
  const isElsewhere = run.error !== undefined && told.every(({ status }) => status !== 'failed');
  if (told.length > 0 && !isElsewhere) return told;
  const status = run.outcome === 'passed' || run.outcome === 'skipped' ? run.outcome : 'failed';
  const errors = run.error ? [errorText(trial, run.error)] : [];
  return [...told, { title: trial.name, status, ms: run.durationUs / 1000, errors, steps: [] }];
}

function toldOfTest(trial: Trial, { title, outcome, error, transactions }: Test): Told {
  const status = outcome === 'passed' || outcome === 'skipped' ? outcome : 'failed';
  const us = transactions.reduce((sum, { durationUs }) => sum + durationUs, 0);
  const steps = transactions.map(({ name, durationUs, error: wrong }) => ({
    ...{ title: name, duration: durationUs / 1000 },
    ...(wrong && { error: { message: errorText(trial, wrong) } }),
  }));
  return {
    title: [title].flat().join(' › '),
    status,
    ms: us / 1000,
    errors: error ? [errorText(trial, error)] : [],
    steps,
  };
}

function errorText({ file, script }: Trial, { code, message, location }: RunError): string {
  return `${code}: ${message}${location ? `\n    at ${placeOf(script.code, file, location)}` : ''}`;
}

function attachments({ evidence }: Tried): object[] {
  return evidence.map(({ kind, path, mediaType }) => ({ name: kind, path, contentType: mediaType }));
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function xml(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replaceAll(/[&<>"]/g, (sign) => names[sign] ?? sign).replaceAll(/[^\P{Cc}\t\n\r]/gu, '');
}
