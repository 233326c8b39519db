import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

export interface ChildSettings {
  /** What it is called when it fails. */
  name: string;
  /** Program from the package's root and its arguments. */
  command: readonly string[];
  env?: Record<string, string>;
  /** Written to its standard input. */
  input?: string;
}

/** The processes of a demo. When one that should stay ends, `failed` resolves with a sentence. */
export class Children implements AsyncDisposable {
  readonly failed: Promise<string>;
  readonly #running = new Map<ChildProcess, Promise<void>>();
  readonly #fail: (sentence: string) => void;
  #stopping = false;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.failed = promise;
    this.#fail = resolve;
  }

  /** Starts a process that stays. Resolves when it has printed its first line; rejects with its last words if it ends before. */
  start(settings: ChildSettings): Promise<string> {
    const { child, words } = this.#spawn(settings);
    const line = Promise.withResolvers<string>();
    let printed = '';
    child.stdout?.on('data', (data: Buffer) => {
      printed += data.toString();
      if (printed.includes('\n')) line.resolve(printed.split('\n')[0] ?? '');
    });
    child.once('exit', () => {
      const sentence = `${settings.name}: ${words() || 'it ended without a word'}`;
      line.reject(new Error(sentence));
      if (!this.#stopping) this.#fail(sentence);
    });
    return line.promise;
  }

  /** Runs a process to its end and returns what it printed; rejects with its last words if it fails. */
  async finish(settings: ChildSettings): Promise<string> {
    const { child, words } = this.#spawn(settings);
    let printed = '';
    child.stdout?.on('data', (data: Buffer) => {
      printed += data.toString();
    });
    const code = await new Promise((done) => child.once('close', done));
    if (code !== 0) throw new Error(`${settings.name}: ${words() || `it ended with ${code}`}`);
    return printed;
  }

  /** Asks every process to end, and sees that it does. Who doesn't within 10 s is killed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true;
    for (const child of this.#running.keys()) child.kill('SIGTERM');
    const late = setTimeout(() => {
      for (const child of this.#running.keys()) child.kill('SIGKILL');
    }, 10_000);
    await Promise.all(this.#running.values());
    clearTimeout(late);
  }

  #spawn({ command, env = {}, input = '' }: ChildSettings): { child: ChildProcess; words(): string } {
    const [program = '', ...args] = command;
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', resolve(root, program), ...args], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin?.on('error', () => {}); // it ended before it read; its exit says why
    child.stdin?.end(input);
    let complaint = '';
    child.stderr?.on('data', (data: Buffer) => {
      complaint = (complaint + data.toString()).slice(-4000);
    });
    const closed = new Promise<void>((done) => child.once('close', () => done()));
    this.#running.set(
      child,
      closed.then(() => void this.#running.delete(child)),
    );
    return { child, words: () => complaint.trim().split('\n').slice(-3).join('\n') };
  }
}
