import type { Run, ScriptStatement, Use } from '../protocol/messages.ts';

export interface RunnerSettings {
  /** Path of the browser; left out, one found on the machine. */
  browser?: string;
  /** Private folder for profiles and scratch folders. */
  folder: string;
  allowRoot: boolean;
  log(line: string): void;
}

export interface RunRequest {
  id: string;
  monitorId: string;
  dueAt: number;
  /** Verified by the caller, and so is that `bundle` has its hash. */
  statement: ScriptStatement;
  bundle: string;
  use: Use;
  variables: Record<string, string>;
  secrets: Record<string, string>;
  hosts: readonly string[];
  timeoutMs: number;
  maskSelectors: readonly string[];
}

export interface RunResult {
  run: Run;
  files: { sha256: string; mediaType: string; content: Buffer }[];
}

export interface Runner {
  readonly sandboxLevel: 1 | 2 | 3;
  readonly browser: string | undefined;
  run(request: RunRequest, signal: AbortSignal): Promise<RunResult>;
  [Symbol.asyncDispose](): Promise<void>;
}
