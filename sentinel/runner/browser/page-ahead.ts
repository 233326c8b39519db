import type { Chromium } from './chromium.ts';
import type { CdpMessage } from './pipe.ts';

/** A context of a browser with one page, which nobody has used: it waits to be let run. */
export interface PageAhead {
  chromium: Chromium;
  browserContextId: string;
  targetId: string;
  /** By which the browser told of the page. */
  attached: CdpMessage;
}

export interface PagesAhead {
  /** Opens one in a browser as soon as that is ready, unless one waits there. */
  prepare(browser: Promise<Chromium>): void;
  /** The browser, when none is being opened any more. */
  settled(browser: Promise<Chromium>): Promise<Chromium>;
  /** The one that waits in this browser; nobody else gets it. */
  take(chromium: Chromium): PageAhead | undefined;
}

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
    async settled(browser) {
      await opening;
      return browser;
    },
    take(chromium) {
      const taken = page?.chromium === chromium ? page : undefined;
      page = undefined;
      return taken;
    },
  };
}

/**
 * Opens what a run begins with before it is due: to start the process of its first page takes a browser longer than all
 * else of a new context. Nobody else may listen to the browser meanwhile. Rejects if the browser does not answer; it is
 * ended then.
 */
async function openPageAhead(chromium: Chromium): Promise<PageAhead> {
  const attached: CdpMessage[] = [];
  chromium.onEvent = (message) => {
    if (message.method === 'Target.attachedToTarget') attached.push(message);
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
    return { chromium, browserContextId, targetId, attached: own };
  } catch (error) {
    await chromium.close(); // nobody knows what it holds now: the run gets another
    throw error;
  } finally {
    chromium.onEvent = () => {};
  }
}
