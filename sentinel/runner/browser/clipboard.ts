import type { Pipe } from './pipe.ts';

/** A browser that takes longer is ended, which is quicker: the next run is to start on time. */
const clearMs = 2000;

/** Copies nothing, in the place of what is on the clipboard. Runs in a page. */
const copyNothing = `(() => {
  let isCopied = false;
  addEventListener('copy', (event) => {
    event.clipboardData.setData('text/plain', '');
    event.preventDefault();
    isCopied = true;
  }, { once: true });
  return document.execCommand('copy') && isCopied;
})()`;

/**
 * Empties the clipboard of a browser, which all its contexts share: what one run copied is not for the next. To be called
 * when the run's contexts are closed: it is done in the empty page that the browser has from its start. Says whether it is empty.
 */
export async function clearClipboard(chromium: Pipe): Promise<boolean> {
  const call = (method: string, params: object, session?: string) => chromium.call(method, params, session, clearMs);
  try {
    const { targetInfos } = await call('Target.getTargets', { filter: [{ type: 'page' }] });
    const [page] = targetInfos as { targetId: string }[];
    const { sessionId } = await call('Target.attachToTarget', { targetId: page?.targetId, flatten: true });
    const expression = { expression: copyNothing, userGesture: true, returnByValue: true };
    const { result } = await call('Runtime.evaluate', expression, String(sessionId));
    await call('Target.detachFromTarget', { sessionId });
    return (result as { value?: unknown }).value === true;
  } catch {
    return false; // whatever it was, the clipboard may still hold something
  }
}
