import path from 'node:path';
import type { BundleFile } from '../protocol/bundle-file.ts';
import type { TransactionResult } from '../protocol/messages.ts';
import { plain, plainJson } from '../protocol/plain.ts';
import type { DetailedResult } from '../runner/runner.ts';
import { sayStyled } from '../terminal.ts';
import { keepEvidence, usualFolder } from './evidence-folder.ts';
import { asJson } from './json.ts';
import { summary } from './summary.ts';
import { ending, transactionLine } from './tell.ts';

export interface ReportOptions {
  json?: boolean;
  repeat: number;
  /** Folder for evidence. */
  output?: string;
}

/** Tells of the runs of a script as they go, and keeps their evidence. */
export interface Report {
  begin(): void;
  transaction(transaction: TransactionResult): void;
  end(result: DetailedResult): void;
  /** When all runs are over. */
  close(): void;
}

/** Lines for people as things happen, or for programs one JSON object a run. */
export function openReport(file: string, { code }: BundleFile, { json, repeat, output }: ReportOptions): Report {
  const folder = output ?? usualFolder(new Date());
  const runs: DetailedResult['run'][] = [];
  const say = (text: string) => !json && sayStyled(text);
  return {
    begin() {
      say(
        repeat === 1
          ? plain(file)
          : `${runs.length === 0 ? '' : '\n'}${plain(file)}, run ${runs.length + 1} of ${repeat}`,
      );
    },
    transaction(transaction) {
      say(transactionLine(transaction));
    },
    end(result) {
      runs.push(result.run);
      const evidence = keepEvidence(result, repeat === 1 ? folder : path.join(folder, `run-${runs.length}`));
      sayStyled(json ? plainJson(asJson(result, evidence)) : ending(result, evidence, { file, code }));
    },
    close() {
      if (runs.length > 1) say(summary(runs));
    },
  };
}
