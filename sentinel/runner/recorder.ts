import type { CdpMessage, Chromium } from './browser.ts';

/** A word from a page: an event that can cause an answer, or typing. Times in ms since 1970 on the browser's clock. */
export interface Mark {
  kind: 'cause' | 'type';
  at: number;
  changed: number;
}

export interface PageTimes {
  /** When the document's navigation began. */
  origin: number;
  /** When the page last changed. */
  changed: number;
  /** When the document reached each state; 0 if not yet. */
  load: number;
  domcontentloaded: number;
  commit: number;
  now: number;
}

const world = 'vedette';
const binding = '__vedetteMark';

/**
 * Watches the pages of a run from a world of its own in each frame, which the page can neither see nor disturb (a page
 * that fakes its clock included). It is put in through the sessions the child's Playwright has with its pages, before
 * anything of the page runs.
 */
export function openRecorder(chromium: Chromium, onMark: (mark: Mark) => void) {
  const contexts = new Map<string, Set<number>>();

  const ofSession = (sessionId: string) => {
    const known = contexts.get(sessionId) ?? new Set();
    contexts.set(sessionId, known);
    return known;
  };

  const evaluate = async (frame: { sessionId: string; id: number }, expression: string, timeoutMs: number) => {
    const params = { expression, contextId: frame.id, returnByValue: true };
    const { result, exceptionDetails } = await chromium.call('Runtime.evaluate', params, frame.sessionId, timeoutMs);
    if (exceptionDetails) throw new Error('the page refused to be asked');
    return (result as { value?: unknown }).value;
  };

  return {
    /** Begins to watch a page or frame; to be called before the session's target is let run. */
    attach(sessionId: string): void {
      const quietly = (method: string, params: object) =>
        chromium.forward({ method, params: params as Record<string, unknown>, sessionId }, () => {});
      quietly('Runtime.addBinding', { name: binding, executionContextName: world });
      quietly('Page.addScriptToEvaluateOnNewDocument', {
        source: `(${watchPage.toString()})(${JSON.stringify(binding)})`,
        worldName: world,
        runImmediately: true,
      });
    },

    /** Takes an event of a session; says whether it was the recorder's own, and not for the child. */
    take({ method, params = {}, sessionId = '' }: CdpMessage): boolean {
      if (method === 'Runtime.executionContextCreated') {
        const { id, name } = params.context as { id: number; name: string };
        if (name === world) ofSession(sessionId).add(id);
        return name === world;
      }
      if (method === 'Runtime.executionContextDestroyed')
        contexts.get(sessionId)?.delete(Number(params.executionContextId));
      if (method === 'Runtime.executionContextsCleared') contexts.get(sessionId)?.clear();
      if (method === 'Runtime.bindingCalled' && params.name === binding) {
        onMark(JSON.parse(String(params.payload)) as Mark);
        return true;
      }
      return false;
    },

    detach(sessionId: string): void {
      contexts.delete(sessionId);
    },

    /** Runs an expression in every frame of every page; rejects unless all answer. */
    async inAllFrames(expression: string, timeoutMs: number): Promise<unknown[]> {
      const frames = [...contexts].flatMap(([sessionId, ids]) => [...ids].map((id) => ({ sessionId, id })));
      if (frames.length === 0) throw new Error('no frame is being watched');
      return Promise.all(frames.map((f) => evaluate(f, expression, timeoutMs)));
    },

    /** Times of every frame that answers within a second. */
    async read(): Promise<PageTimes[]> {
      const frames = [...contexts].flatMap(([sessionId, ids]) => [...ids].map((id) => ({ sessionId, id })));
      const answers = await Promise.allSettled(frames.map((f) => evaluate(f, '__vedette()', 1000)));
      // A frame that went away while it was asked has nothing more to say.
      return answers.flatMap((a) => (a.status === 'fulfilled' ? [a.value as PageTimes] : []));
    },
  };
}

/** Runs in the page. A change is any change of the document, or of what it shows when a resource or animation ends. */
function watchPage(bindingName: string): void {
  const scope = globalThis as unknown as Record<string, unknown>;
  if (scope.__vedette) return;
  const now = () => performance.timeOrigin + performance.now();
  let changed = 0;
  const tell = (kind: string) =>
    (scope[bindingName] as (text: string) => void)(JSON.stringify({ kind, at: now(), changed }));
  const change = () => {
    changed = now();
  };
  new MutationObserver(change).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    characterData: true,
  });
  for (const name of ['load', 'transitionend', 'animationend']) addEventListener(name, change, true);
  const cause = (event: Event) => {
    if (event.isTrusted) tell('cause');
  };
  for (const name of ['pointerdown', 'click', 'submit', 'drop']) addEventListener(name, cause, true);
  addEventListener('change', (event) => event.target instanceof HTMLSelectElement && cause(event), true);
  addEventListener('keydown', (event) => event.key === 'Enter' && cause(event), true);
  addEventListener('beforeinput', (event) => event.isTrusted && tell('type'), true);
  scope.__vedette = () => {
    const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    const at = (ms: number | undefined) => (ms ? performance.timeOrigin + ms : 0);
    return {
      origin: performance.timeOrigin,
      changed,
      load: at(entry?.loadEventStart),
      domcontentloaded: at(entry?.domContentLoadedEventStart),
      commit: at(entry?.responseStart),
      now: now(),
    };
  };
}
