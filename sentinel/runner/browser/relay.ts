import type { CdpCommand } from '../messages.ts';
import type { Target } from '../pages/recorder.ts';
import { most } from '../sandbox/limits.ts';
import type { PageAhead } from './page-ahead.ts';
import type { CdpMessage, Pipe } from './pipe.ts';
import { browserRules, type Own, type Params, pageRules } from './relay-rules.ts';

/*
 * The firewall between a child and the browser. A child sees only the browser contexts it made, and may send only what
 * Playwright's client needs for them. Everything else is answered with an error here and never reaches the browser.
 */

export interface Relay {
  /** A command of the child. Resolves when the browser can take the next one. */
  fromChild(command: CdpCommand): Promise<void>;
  /** An event of the browser. */
  fromBrowser(message: CdpMessage): void;
  /** Commands of the child that have not been answered. */
  readonly unanswered: number;
  /** Session of the page the child opened last and that is still there. */
  latestPage(): string | undefined;
  /** Closes all the child's contexts, and forgets the child; says whether the browser confirmed all of it. */
  close(): Promise<boolean>;
}

export interface RelaySettings {
  chromium: Pipe & { readonly gate: string };
  /** Of this browser, for the first context and the first page that the child asks for. */
  ahead?: PageAhead | undefined;
  /** Files of the script; see `Own`. */
  files: Pick<Own, 'upload' | 'downloadFolder'>;
  /** The child has the browser do more than any script has reason to. */
  onTooMuch(what: string): void;
  toChild(message: CdpMessage): void;
  onAttached(target: Target): void;
  onDetached(sessionId: string): void;
  /** Takes an event of an owned session; true when it is not for the child. */
  intercept(message: CdpMessage): boolean;
}

interface TargetInfo {
  targetId: string;
  type: string;
  browserContextId?: string;
}

interface Attached extends TargetInfo {
  /** Session of what it was opened from; none of a page. */
  parent: string | undefined;
}

/** Asked for by Playwright for the browser's own context, which a child doesn't have; yes is said, and nothing done. */
const answeredHere = 'Browser.setDownloadBehavior';

/** A browser that takes longer is ended, which is quicker: the next run is to start on time. */
const disposeMs = 2000;

export function openRelay({ chromium, ahead, files, toChild, ...on }: RelaySettings): Relay {
  const contexts = new Set<string>();
  const sessions = new Map<string, Attached>();
  const unanswered = new Map<number, CdpCommand>();
  /** Contexts that the child has closed, until the browser has. */
  const closing: Promise<boolean>[] = [];
  /** Of what was opened ahead the child has not got these. */
  let [contextAhead, pageAhead] = [ahead, ahead];
  let closed = false;

  const own: Own = {
    ...files,
    gate: chromium.gate,
    context: (id) => typeof id === 'string' && contexts.has(id),
    target: (id) => [...sessions.values()].some(({ targetId }) => targetId === id),
    session: (id) => typeof id === 'string' && sessions.has(id),
  };

  const answer = (message: CdpMessage) => {
    if (!closed) toChild(message);
  };

  const refusal = (command: CdpCommand): string | undefined => {
    command.params ??= {};
    const { method, params, sessionId } = command;
    if (sessionId !== undefined && !sessions.has(sessionId)) return `${method} for another target`;
    const rule = (sessionId === undefined ? browserRules : pageRules).get(method);
    return rule ? rule(params, own) : method;
  };

  const forget = (which: (command: CdpCommand) => boolean) => {
    for (const [number, command] of unanswered) {
      if (!which(command)) continue;
      chromium.forget(number);
      unanswered.delete(number);
    }
  };

  const dispose = (browserContextId: string): Promise<boolean> =>
    chromium.call('Target.disposeBrowserContext', { browserContextId }, undefined, disposeMs).then(
      () => true,
      () => false,
    );

  /** Takes note of which contexts are the child's; one that comes after the child has gone goes as well. */
  const keepContexts = ({ method }: CdpCommand, { result }: CdpMessage): void => {
    if (!result || method !== 'Target.createBrowserContext') return;
    const browserContextId = String(result.browserContextId);
    if (closed) return void dispose(browserContextId);
    contexts.add(browserContextId);
    const deny = { method: 'Browser.setDownloadBehavior', params: { behavior: 'deny', browserContextId } };
    chromium.forward(deny, () => {}); // until the child names a folder; else the browser would have one of its own
  };

  const attached = (message: CdpMessage): void => {
    const { sessionId, targetInfo } = message.params as { sessionId: string; targetInfo: TargetInfo };
    const parent = message.sessionId;
    if (parent === undefined ? !own.context(targetInfo.browserContextId) : !sessions.has(parent)) return;
    sessions.set(sessionId, { ...targetInfo, parent });
    if (sessions.size > most.targets)
      on.onTooMuch(`The run opened more than ${most.targets} pages, frames and workers`);
    const { targetId, type } = targetInfo;
    if (type === 'page' || type === 'iframe') on.onAttached({ sessionId, targetId, isPage: type === 'page', parent });
    answer(message);
  };

  const leave = (sessionId: string): boolean => {
    if (!sessions.delete(sessionId)) return false;
    forget((command) => command.sessionId === sessionId);
    on.onDetached(sessionId);
    return true;
  };

  const detached = (message: CdpMessage): void => {
    const { sessionId } = message.params as { sessionId: string };
    if (leave(sessionId)) answer(message);
  };

  /** The child is told at once that a context is closed. The browser takes its time for that, in which the run is told. */
  const closeContext = (id: string): void => {
    contexts.delete(id);
    closing.push(dispose(id));
    for (const [sessionId, { targetId, browserContextId, parent }] of sessions) {
      if (browserContextId !== id || !leave(sessionId) || parent !== undefined) continue;
      answer({ method: 'Target.detachedFromTarget', params: { sessionId, targetId } });
    }
  };

  /** What is there already, or is done while the run goes on; none of all else, which the browser is asked for. */
  const answersAtOnce: Record<string, (params: Params) => Record<string, unknown> | undefined> = {
    'Target.createBrowserContext'() {
      if (!contextAhead) return undefined;
      const { browserContextId } = contextAhead;
      contextAhead = undefined;
      contexts.add(browserContextId);
      return { browserContextId };
    },
    'Target.createTarget'({ url, browserContextId, ...more }) {
      const isIt = url === 'about:blank' && Object.keys(more).length === 0;
      if (!pageAhead || !isIt || browserContextId !== pageAhead.browserContextId) return undefined;
      const { targetId, attached: told } = pageAhead;
      pageAhead = undefined;
      attached(told);
      return { targetId };
    },
    'Target.disposeBrowserContext'({ browserContextId }) {
      closeContext(String(browserContextId));
      return {};
    },
  };

  const downloaded = ({ receivedBytes, totalBytes }: Record<string, unknown>): void => {
    if (Math.max(Number(receivedBytes), Number(totalBytes)) > most.downloadBytes)
      on.onTooMuch(`The run downloaded a file of more than ${most.downloadBytes / 1024 / 1024} MiB`);
  };

  return {
    async fromChild(command) {
      const { id, method, sessionId } = command;
      const to = { id, ...(sessionId === undefined ? {} : { sessionId }) };
      // A page that is being closed keeps the processor from the next one.
      if (method === 'Target.createBrowserContext') await Promise.all(closing);
      const why = refusal(command);
      const here = why === undefined ? answersAtOnce[method]?.(command.params ?? {}) : undefined;
      if (here) {
        answer({ ...to, result: here });
      } else if (why === undefined) {
        const number = chromium.forward(command, (reply) => {
          unanswered.delete(number);
          keepContexts(command, reply);
          answer({ ...reply, ...to });
        });
        unanswered.set(number, command);
        await chromium.drained();
      } else if (method === answeredHere && sessionId === undefined && command.params?.browserContextId === undefined) {
        answer({ ...to, result: {} });
      } else {
        answer({ ...to, error: { code: -32_000, message: `denied by the sentinel: ${why}` } });
      }
    },

    fromBrowser(message) {
      const { method, params, sessionId } = message;
      if (method === 'Browser.downloadProgress') downloaded(params ?? {});
      if (method === 'Target.attachedToTarget') attached(message);
      else if (method === 'Target.detachedFromTarget') detached(message);
      else if (sessionId === undefined) {
        if (own.context(params?.browserContextId) || method?.startsWith('Browser.download')) answer(message);
      } else if (sessions.has(sessionId) && !on.intercept(message)) answer(message);
    },

    get unanswered() {
      return unanswered.size;
    },

    latestPage: () => [...sessions].findLast(([, { type }]) => type === 'page')?.[0],

    async close() {
      closed = true;
      if (contextAhead) contexts.add(contextAhead.browserContextId);
      const confirmed = await Promise.all([...closing, ...[...contexts].map(dispose)]);
      forget((command) => command.method !== 'Target.createBrowserContext');
      return confirmed.every(Boolean);
    },
  };
}
