import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CdpCommand } from '../messages.ts';
import type { Chromium } from './chromium.ts';
import { type PageAhead, pagesAhead } from './page-ahead.ts';
import type { CdpMessage, Pipe } from './pipe.ts';
import { openRelay } from './relay.ts';

const gate = 'socks5://127.0.0.1:1';

/** Opens and attaches as a browser does; a context is closed when the test says so. */
function buildFakeBrowser() {
  const asked: string[] = [];
  const closing = Promise.withResolvers<void>();
  let count = 0;
  const answerTo = async ({ method = '', params = {} }: CdpMessage): Promise<Record<string, unknown>> => {
    asked.push(method);
    if (method === 'Target.createBrowserContext') return { browserContextId: `context-${++count}` };
    if (method === 'Target.disposeBrowserContext') await closing.promise;
    if (method !== 'Target.createTarget') return {};
    const targetId = `target-${++count}`;
    const targetInfo = { targetId, type: 'page', browserContextId: params.browserContextId };
    pipe.onEvent({ method: 'Target.attachedToTarget', params: { sessionId: `session-${count}`, targetInfo } });
    return { targetId };
  };
  const pipe: Pipe = {
    onEvent: () => {},
    call: (method, params) => answerTo({ method, params: { ...params } }),
    forward(message, answer) {
      void answerTo(message).then((result) => answer({ result }));
      return asked.length;
    },
    forget: () => {},
    drained: async () => {},
    end: () => {},
  };
  return { chromium: Object.assign(pipe, { gate }) as unknown as Chromium, asked, closed: closing.resolve };
}

function buildChild(chromium: Chromium, ahead?: PageAhead) {
  const heard: CdpMessage[] = [];
  const relay = openRelay({
    ...{ chromium, ahead, files: { upload: () => undefined, downloadFolder: () => undefined } },
    ...{ onTooMuch: assert.fail, onAttached() {}, onDetached() {}, intercept: () => false },
    toChild: (message) => void heard.push(message),
  });
  chromium.onEvent = relay.fromBrowser;
  let id = 0;
  const ask = async (method: string, params: Record<string, unknown>) => {
    await relay.fromChild({ id: ++id, method, params: { ...params } } satisfies CdpCommand);
    await new Promise(setImmediate); // for the answer
  };
  return { relay, heard, ask };
}

const context = { disposeOnDetach: true };
const page = (browserContextId: string) => ({ url: 'about:blank', browserContextId });
const kinds = (messages: readonly CdpMessage[]) => messages.map(({ method, result }) => method ?? result);

test('the first page of a run is the one that was opened ahead in its browser, once', async () => {
  const { chromium, asked } = buildFakeBrowser();
  const ahead = pagesAhead();
  for (let i = 0; i < 2; i++) ahead.prepare(Promise.resolve(chromium));
  await ahead.settled();
  const child = buildChild(chromium, ahead.take(chromium));
  assert.equal(ahead.take(chromium), undefined);
  const before = asked.length;
  await child.ask('Target.createBrowserContext', context);
  await child.ask('Target.createTarget', { ...page('context-1'), newWindow: true });
  await child.ask('Target.createTarget', page('context-1'));
  assert.deepEqual(asked.slice(before), ['Target.createTarget'], 'a page of another kind is opened anew');
  await child.ask('Target.createBrowserContext', context);
  await child.ask('Target.createTarget', page('context-1'));
  assert.equal(asked.length, before + 4, 'each further one is the browser’s');
  const [made, ...rest] = kinds(child.heard);
  assert.deepEqual(made, { browserContextId: 'context-1' });
  assert.equal(rest.filter((kind) => kind === 'Target.attachedToTarget').length, 3);
});

test('what was opened ahead in a browser that is gone is nobody’s, and what no run has used is closed with it', async () => {
  const [old, { chromium, asked, closed }] = [buildFakeBrowser(), buildFakeBrowser()];
  const ahead = pagesAhead();
  ahead.prepare(Promise.resolve(old.chromium));
  await ahead.settled();
  assert.equal(ahead.take(chromium), undefined);
  ahead.prepare(Promise.reject(new Error('it does not start')));
  ahead.prepare(Promise.resolve(chromium));
  await ahead.settled();
  const { relay } = buildChild(chromium, ahead.take(chromium));
  closed();
  assert.equal(await relay.close(), true);
  assert.equal(asked.filter((method) => method === 'Target.disposeBrowserContext').length, 1);
});

test('what was opened ahead and died while it waited is nobody’s, and is closed', async () => {
  const { chromium, asked } = buildFakeBrowser();
  const ahead = pagesAhead();
  for (const [sessionId, method, isTaken] of [
    ['session-0', 'Inspector.targetCrashed', true],
    ['session-4', 'Inspector.detached', true],
    ['session-6', 'Inspector.targetCrashed', false],
  ] as const) {
    ahead.prepare(Promise.resolve(chromium));
    await ahead.settled();
    chromium.onEvent({ method, params: {}, sessionId });
    assert.equal(ahead.take(chromium) !== undefined, isTaken, `${method} of ${sessionId}`);
  }
  assert.equal(asked.filter((method) => method === 'Target.disposeBrowserContext').length, 1);
});

test('a context is closed for the child at once; the next is opened, and the run put away, when the browser has closed it', async () => {
  const { chromium, asked, closed } = buildFakeBrowser();
  const { relay, heard, ask } = buildChild(chromium);
  await ask('Target.createBrowserContext', context);
  await ask('Target.createTarget', page('context-1'));
  await ask('Target.disposeBrowserContext', { browserContextId: 'context-2' });
  assert.match(String(heard.at(-1)?.error?.message), /another browser context/);
  await ask('Target.disposeBrowserContext', { browserContextId: 'context-1' });
  assert.deepEqual(kinds(heard).slice(-2), ['Target.detachedFromTarget', {}]);
  await ask('Target.createTarget', page('context-1'));
  assert.match(String(heard.at(-1)?.error?.message), /another browser context/);
  const next = ask('Target.createBrowserContext', context);
  const put = relay.close();
  const asks = () => asked.filter((method) => method === 'Target.createBrowserContext').length;
  await new Promise(setImmediate);
  assert.equal(asks(), 1);
  closed();
  await next;
  assert.deepEqual([asks(), await put], [2, true]);
});
