import type { Chromium } from './chromium.ts';
import type { CdpMessage } from './pipe.ts';

/** A context of a browser with one page, which nobody has used: it waits to be let run. */
export interface PageAhead {
  chromium: Chromium;
  browserContextId: string;
  targetId: string;
  /** By which the browser told of the page. */
  attached: CdpMessage;
  /** False once its process has died, as far as that was told before somebody else listened to the browser. */
  isAlive(): boolean;
}

export interface PagesAhead {
  /** Opens one in a browser as soon as that is ready, unless one waits there. */
  prepare(browser: Promise<Chromium>): void;
  /** Resolves when none is being opened any more: a browser in which that failed has been ended. */
  settled(): Promise<void>;
  /** The one that waits in this browser; nobody else gets it. */
  take(chromium: Chromium): PageAhead | undefined;
}

const disposeMs = 2000;

/** Has a page ready for the next run. */
export function pagesAhead(): PagesAhead {
  let page: PageAhead | undefined;
  let opening = Promise.resolve();

  const open = async (browser: Promise<Chromium>, before: typeof opening) => {
    const chromium = await browser;
    await before;
    if (page?.chromium !== chromium) page = await openPageAhead(chromium);
  };

  return {
    prepare(browser) {
      opening = open(browser, opening).catch(() => {}); // the run tries again, and tells
    },
    settled: () => opening,
    take(chromium) {
      const taken = page?.chromium === chromium ? page : undefined;
      page = undefined;
      if (taken?.isAlive() !== false) return taken;
      const { browserContextId } = taken;
      // If that fails there is an empty page more until the browser is renewed.
      chromium.call('Target.disposeBrowserContext', { browserContextId }, undefined, disposeMs).catch(() => {});
      return undefined;
    },
  };
}

/**
 * Opens what a run begins with before it is due: to start the process of its first page takes a browser longer than all
 * else of a new context. Nobody else may listen to the browser until a run does. Rejects if the browser does not answer; it is
 * ended then.
 */
async function openPageAhead(chromium: Chromium): Promise<PageAhead> {
  const attached: CdpMessage[] = [];
  const crashed = new Set<unknown>();
  chromium.onEvent = (message) => {
    if (message.method === 'Target.attachedToTarget') attached.push(message);
    if (message.method === 'Inspector.targetCrashed') crashed.add(message.sessionId);
  };
  try {
    const proxy = { proxyServer: chromium.gate, proxyBypassList: '<-loopback>' };
    const context = await chromium.call('Target.createBrowserContext', { disposeOnDetach: true, ...proxy });
    const browserContextId = String(context.browserContextId);
    await chromium.call('Browser.setDownloadBehavior', { behavior: 'deny', browserContextId });
    await chromium.call('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: true, flatten: true });
    const target = await chromium.call('Target.createTarget', { url: 'about:blank', browserContextId });
    const targetId = String(target.targetId);
    const own = attached.find(({ params = {} }) => (params.targetInfo as { targetId: string }).targetId === targetId);
    if (!own) throw new Error('the browser opened a page and did not tell of it');
    const isAlive = () => !crashed.has(own.params?.sessionId);
    return { chromium, browserContextId, targetId, attached: own, isAlive };
  } catch (error) {
    await chromium.close(); // nobody knows what it holds now: the run gets another
    throw error;
  }
}
