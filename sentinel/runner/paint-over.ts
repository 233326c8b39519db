/**
 * Runs in the page, shadow roots included: paints over password fields, what the selectors name, and whatever shows a
 * secret. The image is painted at its source, so that no pixel of a secret leaves the browser. Returns how many elements
 * were not painted over before. It goes to the page as text, so it can use nothing from outside.
 */
export function paintOver(selectors: string[], secrets: string[]): number {
  const colours = ['color', '-webkit-text-fill-color', 'caret-color', 'text-shadow'];
  let painted = 0;
  const cover = ({ style }: HTMLElement) => {
    if (style.getPropertyValue('background-color') !== 'rgb(85, 85, 85)') painted++;
    for (const property of colours) style.setProperty(property, 'transparent', 'important');
    style.setProperty('background', '#555', 'important');
  };
  const shows = (text: string) => secrets.some((secret) => secret.length >= 4 && text.includes(secret));
  const isSecret = (element: Element) => {
    if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) {
      if (element.type === 'password' || shows(element.value)) return true;
    }
    if (selectors.some((selector) => element.matches(selector))) return true;
    return [...element.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && shows(n.textContent ?? ''));
  };
  const walk = (root: Document | ShadowRoot) => {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot) walk(element.shadowRoot);
      if (isSecret(element)) cover(element as HTMLElement);
    }
  };
  walk(document);
  return painted;
}
