import { errorCodes, outcomeOf } from '../protocol/error-codes.ts';
import type { PageFacts, Run, RunError, TransactionResult } from '../protocol/messages.ts';
import { plain } from '../protocol/plain.ts';
import type { DetailedResult } from '../runner/runner.ts';
import { codeFrame, placeOf } from './code-frame.ts';
import type { KeptEvidence } from './evidence-folder.ts';
import { inColour, styled, time } from './text.ts';

/** One transaction, as it ends. */
export function transactionLine({ name, outcome, responseUs, durationUs, reason }: TransactionResult): string {
  const response = responseUs === undefined ? '' : `${time(responseUs)} response, `;
  const skipped = reason === 'NOT_REACHED' ? 'not reached' : `skipped: ${reason ?? ''}`;
  const what = outcome === 'skipped' ? skipped : `${response}${time(durationUs)} duration`;
  return `  ${inColour(outcome)} ${plain(name)}  ${styled('dim', plain(what))}`;
}

/** What there is to say of a run when it is over: how it ended, and what went wrong, with all that helps to see why. */
export function ending(
  { run, tests }: DetailedResult,
  evidence: readonly KeptEvidence[],
  script: { file: string; code: string },
): string {
  const faults = faultsOf(run, tests);
  const paragraphs = [
    ...faults.map((fault) => failure(fault, script)),
    ...(run.page ? pageFacts(run.page) : []),
    ...(faults.length > 0 && run.deniedHosts ? [denied(run.deniedHosts)] : []),
    ...evidenceLines(run, evidence),
    conclusion(run),
  ];
  return `\n${paragraphs.join('\n\n')}`;
}

interface Fault {
  error: RunError;
  transaction?: string;
}

/** What went wrong, each thing once: with its transaction, if it was in one, else with its test or the run as a whole. */
function faultsOf(run: Run, tests: DetailedResult['tests']): Fault[] {
  const told = [
    ...run.transactions.map(({ name, error }) => ({ error, transaction: name })),
    ...tests.map(({ error }) => ({ error })),
    { error: run.error },
  ];
  const distinct = new Map<string, Fault>();
  for (const fault of told) {
    const { error } = fault;
    if (!error) continue;
    const key = JSON.stringify([error.code, error.message, error.location]);
    if (!distinct.has(key)) distinct.set(key, { ...fault, error });
  }
  return [...distinct.values()];
}

function failure({ error, transaction }: Fault, script: { file: string; code: string }): string {
  const { code, message, location } = error;
  const what = `${code}: ${errorCodes[code].meaning}`;
  const head = `${transaction === undefined ? '' : `${plain(transaction)}  `}${inColour(outcomeOf(code), what)}`;
  const where = location ? [`  at ${plain(placeOf(script.code, script.file, location))}`] : [];
  const frame = location && codeFrame(script.code, location);
  return [head, indented(plain(message)), ...where, ...(frame ? [indented(plain(frame))] : [])].join('\n');
}

function pageFacts({ url, title, consoleErrors, failedRequests }: PageFacts): string[] {
  const page = url === undefined ? [] : [`Page: ${url}${title ? ` "${title}"` : ''}`];
  const requests = failedRequests.map(
    (request) => `${request.method} ${request.url}  ${request.status ?? request.error ?? 'no answer'}`,
  );
  const lines = [...page, ...list('Console errors:', consoleErrors), ...list('Failed requests:', requests)];
  return lines.length === 0 ? [] : [plain(lines.join('\n'))];
}

function denied(hosts: readonly string[]): string {
  return plain(`Hosts that were denied, and can be allowed with --host: ${hosts.join(', ')}`);
}

function list(head: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [head, ...items.map(indented)];
}

function evidenceLines(run: Run, evidence: readonly KeptEvidence[]): string[] {
  const missing = run.evidenceMissing === undefined ? [] : [`No screenshot: ${run.evidenceMissing}.`];
  const files = evidence.map(({ kind, path }) => `${path}${kind === 'trace' ? traceHint(path) : ''}`);
  return [...missing, ...(files.length === 0 ? [] : [list('Evidence:', files).join('\n')])];
}

function traceHint(path: string): string {
  return `  (open it with: npx playwright show-trace ${path})`;
}

function conclusion({ outcome, reason, durationUs, sandboxLevel, browser }: Run): string {
  const why = outcome === 'skipped' && reason ? `: ${plain(reason)}` : '';
  const facts = [
    `in ${time(durationUs)}`,
    ...(sandboxLevel === undefined ? [] : [`sandbox level ${sandboxLevel}`]),
    ...(browser === undefined ? [] : [plain(browser)]),
  ];
  return `${inColour(outcome, outcome)}${why} ${styled('dim', facts.join(', '))}`;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
