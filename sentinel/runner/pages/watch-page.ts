/**
 * Runs in every frame, in a world of its own: tells the sentinel of events that can make an application answer, and knows
 * when the frame last changed. A change is any change of the document and its open shadow roots, or of what they show when
 * a resource, transition or animation ends. It goes to the page as text, so it can use nothing from outside.
 */
export function watchPage(tellName: string, readName: string): void {
  const scope = globalThis as unknown as Record<string, unknown>;
  if (scope[readName]) return;
  const now = () => performance.timeOrigin + performance.now();
  const say = (word: object) => (scope[tellName] as (text: string) => void)(JSON.stringify(word));
  let changed = 0;
  let [isTold, isStale] = [false, false];
  const tellOfChange = () => {
    say({ kind: 'change', at: now() });
    [isTold, isStale] = [true, false];
    setTimeout(() => {
      isTold = false;
      if (isStale) tellOfChange();
    }, 20);
  };
  const change = () => {
    changed = now();
    isStale = true;
    if (!isTold) tellOfChange();
  };
  const roots = new WeakSet<Node>();
  const observer = new MutationObserver((records) => {
    change();
    for (const { addedNodes } of records) for (const node of addedNodes) findRoots(node);
    if (records.some(({ target }) => target === document)) listen();
  });
  const observe = (root: Document | ShadowRoot) => {
    roots.add(root);
    observer.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
    findRoots(root);
  };
  /** Says whether there were shadow roots that it did not know yet. */
  const findRoots = (node: Node) => {
    const elements = node instanceof Element || node instanceof DocumentFragment || node instanceof Document;
    let found = false;
    for (const element of elements ? [node, ...node.querySelectorAll('*')] : []) {
      const { shadowRoot } = element as Element;
      if (!shadowRoot || roots.has(shadowRoot)) continue;
      observe(shadowRoot);
      found = true;
    }
    return found;
  };
  const tell = (kind: string) => say({ kind, at: now(), changed });
  const cause = (event: Event) => event.isTrusted && tell('cause');
  const choice = (event: Event) => event.target instanceof HTMLSelectElement && cause(event);
  const enter = (event: Event) => (event as KeyboardEvent).key === 'Enter' && cause(event);
  const typed = (event: Event) => event.isTrusted && tell('type');
  /** Again whenever the document is another: `document.open`, and so `page.setContent`, takes away who listens. Nothing listens twice. */
  const listen = () => {
    for (const name of ['load', 'transitionend', 'animationend', 'popstate', 'hashchange'])
      addEventListener(name, change, true);
    for (const name of ['pointerdown', 'click', 'submit', 'drop']) addEventListener(name, cause, true);
    addEventListener('change', choice, true);
    addEventListener('keydown', enter, true);
    addEventListener('beforeinput', typed, true);
  };
  observe(document);
  listen();

  const ofNavigation = () => performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined;
  let paint = 0;
  const tellTimes = () => {
    const entry = ofNavigation();
    const { responseStart = 0, domContentLoadedEventStart = 0, loadEventStart = 0 } = entry ?? {};
    const times = { firstByte: responseStart, domReady: domContentLoadedEventStart, load: loadEventStart, paint };
    say({ kind: 'document', at: now(), origin: performance.timeOrigin, ...times });
  };
  if (window === top) {
    addEventListener('DOMContentLoaded', tellTimes);
    addEventListener('load', tellTimes);
    new PerformanceObserver((list) => {
      paint = list.getEntries().at(-1)?.startTime ?? paint;
      tellTimes();
    }).observe({ type: 'largest-contentful-paint', buffered: true });
  }

  scope[readName] = () => {
    // A root attached to an element that was there already tells nobody: when it came is not known, but not after now.
    if (findRoots(document)) change();
    const entry = ofNavigation();
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
