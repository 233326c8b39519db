import { strToU8, zipSync } from 'fflate';

/** What a hostile page, or a hostile sentinel, would have run where a trace is looked at. */
const deed =
  "console.log('DEED'); fetch('/api/v1/session').then((r) => r.text()).then((t) => console.log('DEED ' + t))";
const page = `<script>${deed}</script><img src=x onerror="${deed}">`;

/** A trace whose page is made of scripts in every form; after one of its actions it is what it shows. */
export function hostileTrace(): Buffer {
  const body = [
    'BODY',
    { onload: deed },
    ['H1', {}, 'The hostile page'],
    ['SCRIPT', {}, deed],
    ['IMG', { src: 'x', onerror: deed }],
    ['IFRAME', { srcdoc: page }],
    ['IFRAME', { src: `data:text/html,${page}` }],
    ['IFRAME', { src: `javascript:${deed}` }],
    ['OBJECT', { data: `data:text/html,${page}` }],
    ['META', { 'http-equiv': 'refresh', content: `0;url=javascript:${deed}` }],
    ['FORM', { action: '/api/v1/session', method: 'post', id: 'f' }, ['BUTTON', { id: 'b' }, 'Go']],
    ['svg', { onload: deed }, ['script', {}, deed]],
  ];
  const size = { width: 800, height: 600 };
  const times = { timestamp: 20, wallTime: 20, collectionTime: 1 };
  const snapshot = {
    ...{ callId: 'call@1', phase: 'after', pageId: 'page@1', frameId: 'frame@1', isMainFrame: true },
    ...{ frameUrl: 'https://shop.example/', doctype: 'html', html: ['HTML', {}, ['HEAD', {}], body] },
    ...{ viewport: size, resourceOverrides: [], ...times },
  };
  const call = {
    callId: 'call@1',
    class: 'Page',
    method: 'goto',
    title: deed,
    params: { url: page },
    pageId: 'page@1',
  };
  const events = [
    {
      ...{ version: 10, type: 'context-options', origin: 'library', browserName: 'chromium', platform: page },
      ...{ options: { viewport: size }, wallTime: 1, monotonicTime: 1, sdkLanguage: 'javascript', title: page },
    },
    { type: 'before', startTime: 10, beforeSnapshot: 'before@call@1', ...call },
    { type: 'frame-snapshot', snapshot },
    {
      type: 'console',
      messageType: 'log',
      text: page,
      pageId: 'page@1',
      time: 15,
      location: { url: page, lineNumber: 1, columnNumber: 1 },
    },
    { type: 'after', callId: 'call@1', endTime: 30, afterSnapshot: 'after@call@1', error: { message: page } },
  ];
  const lines = events.map((event) => JSON.stringify(event)).join('\n');
  return Buffer.from(
    zipSync({ 'trace.trace': strToU8(lines), 'trace.network': strToU8(''), 'resources/x.html': strToU8(page) }),
  );
}
