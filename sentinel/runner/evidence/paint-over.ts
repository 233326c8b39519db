/** What the world of a page in which both functions run knows: the style of each painted element, as written and as read. */
interface Painted {
  vedettePainted?: Map<HTMLElement | SVGElement, { written: string | null; read: string }> | undefined;
}

/**
 * Runs in the page, shadow roots included: paints over password fields, what the selectors name, and whatever shows a secret
 * (`patterns` are sources of regular expressions). The image is painted at its source, so that no pixel of a secret leaves the
 * browser. Returns how many elements were not painted over before, and what is written in all that are: none of it may be told
 * in other evidence either. It goes to the page as text, so it can use nothing from outside.
 */
export function paintOver(selectors: string[], patterns: string[]): { painted: number; texts: string[] } {
  const secrets = patterns.map((source) => new RegExp(source, 'i'));
  const texts = new Set<string>();
  let painted = 0;

  const shows = (text: string | null) => text !== null && text !== '' && secrets.some((secret) => secret.test(text));
  const entryOf = (element: Element) => {
    if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) return element.value;
    return element instanceof HTMLSelectElement ? (element.selectedOptions[0]?.textContent ?? '') : '';
  };
  const set = ({ style }: HTMLElement | SVGElement, values: Record<string, string>) => {
    for (const [property, value] of Object.entries(values)) style.setProperty(property, value, 'important');
  };
  const world = globalThis as Painted;
  world.vedettePainted ??= new Map();
  const before = world.vedettePainted;
  const cover = (element: Element) => {
    if (!(element instanceof HTMLElement || element instanceof SVGElement)) return;
    if (!before.has(element))
      before.set(element, { written: element.getAttribute('style'), read: element.style.cssText });
    const isDrawing = element instanceof SVGElement;
    const now = element.style.getPropertyValue(isDrawing ? 'visibility' : 'background-color');
    if (now !== (isDrawing ? 'hidden' : 'rgb(85, 85, 85)')) painted++;
    set(element, { transition: 'none', animation: 'none' });
    // Text may stick out of the box that is painted.
    for (const colour of ['color', '-webkit-text-fill-color', 'caret-color']) set(element, { [colour]: 'transparent' });
    set(element, { 'text-shadow': 'none' });
    if (isDrawing) set(element, { visibility: 'hidden' });
    // One colour for all that the element and what lies in it paint: the background, and a filter over text and images.
    else set(element, { background: '#555', filter: 'contrast(0) brightness(.667)' });
  };
  /** Not more than the sentinel can hold. */
  const tell = (text: string | null) => {
    if (texts.size < 1000) texts.add((text ?? '').slice(0, 10_000));
  };
  const hide = (element: Element) => {
    for (const text of [entryOf(element), element.textContent]) tell(text);
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (texts.size < 1000 && walker.nextNode()) tell(walker.currentNode.textContent);
    for (const each of [element, ...element.querySelectorAll('*')]) cover(each);
  };
  const isSecret = (element: Element) => {
    if (element instanceof HTMLInputElement && element.type === 'password') return true;
    if (selectors.some((selector) => element.matches(selector))) return true;
    return (
      shows(entryOf(element)) || [...element.attributes].some(({ name, value }) => name !== 'style' && shows(value))
    );
  };
  /** The innermost elements whose text shows a secret, even one that is spread over several elements. */
  const hideText = (element: Element, secret: RegExp) => {
    const inner = [...element.children].filter((child) => secret.test(child.textContent ?? ''));
    if (inner.length === 0) hide(element);
    for (const child of inner) hideText(child, secret);
  };
  const walk = (root: Document | ShadowRoot) => {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot) walk(element.shadowRoot);
      if (isSecret(element)) hide(element);
    }
    for (const child of root.children)
      for (const secret of secrets) if (secret.test(child.textContent ?? '')) hideText(child, secret);
  };
  walk(document);
  return { painted, texts: [...texts].filter((text) => text.trim() !== '') };
}

/** Runs in the page: gives what was painted over its looks back, for a run that goes on. */
export function uncover(): void {
  const world = globalThis as Painted;
  for (const [element, { written, read }] of world.vedettePainted ?? []) {
    if (written === null) element.removeAttribute('style');
    // What a program of the page wrote: unlike the attribute, no policy of the page forbids it.
    else if (written === read) element.style.cssText = read;
    else element.setAttribute('style', written);
  }
  world.vedettePainted = undefined;
}
