import { z } from 'zod';
import { cut } from '../text.ts';

const Value = z.looseObject({ value: z.unknown().optional() });
/** A node as `Accessibility.getFullAXTree` gives it. */
export const AxNode = z.looseObject({
  nodeId: z.string(),
  ignored: z.boolean().optional(),
  role: Value.optional(),
  name: Value.optional(),
  value: Value.optional(),
  properties: z.array(z.looseObject({ name: z.string(), value: Value })).optional(),
  childIds: z.array(z.string()).optional(),
  backendDOMNodeId: z.int().optional(),
});
export type AxNode = z.infer<typeof AxNode>;

/** The tree of one frame; `owner` is the node of its parent frame that holds it, none for the page itself. */
export interface FrameTree {
  owner: number | undefined;
  nodes: readonly AxNode[];
}

const mostLines = 3000;
const mostNameCharacters = 500;
/** Of a name that is cut so much is searched for secrets before: half a one would not be recognized after. */
const mostSearched = 5000;
const passedOver = new Set(['generic', 'none', 'presentation', 'RootWebArea', 'LayoutTable', 'LayoutTableRow']);
const withoutChildren = new Set(['InlineTextBox', 'LineBreak', 'ListMarker']);
const states = ['checked', 'disabled', 'expanded', 'level', 'pressed', 'selected', 'invalid', 'focused'];

type Mask = (text: string) => string;

interface Item {
  line: string;
  /** What it says, if it is no more than a text. */
  text: string | undefined;
  inner: Item[];
}

/**
 * What a page offers to assistive technology, in the manner of Playwright's ARIA snapshot: a list in YAML of roles, names and
 * states, nested. Values of password fields, which browsers give as dots, are left out. `mask` takes secrets out of a name that
 * is too long and has to be cut; the others are as they were.
 */
export function ariaText(frames: readonly FrameTree[], mask: Mask): string {
  const inOwner = new Map(
    frames.flatMap((frame) => (frame.owner === undefined ? [] : [[frame.owner, frame] as const])),
  );
  const items = frames.filter(({ owner }) => owner === undefined).flatMap((frame) => itemsOf(frame, inOwner, mask, 0));
  const lines = items.flatMap((item) => linesOf(item, 0));
  const more = lines.length - mostLines;
  return `${[...lines.slice(0, mostLines), ...(more > 0 ? [`# and ${more} more lines`] : [])].join('\n')}\n`;
}

const deepest = 100;

function itemsOf({ nodes }: FrameTree, inOwner: ReadonlyMap<number, FrameTree>, mask: Mask, depth: number): Item[] {
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const seen = new Set<string>();

  const itemsUnder = (node: AxNode, level: number): Item[] => {
    const frame = node.backendDOMNodeId === undefined ? undefined : inOwner.get(node.backendDOMNodeId);
    const inner = (node.childIds ?? []).flatMap((id) => {
      const child = byId.get(id);
      if (!child || seen.has(id) || level > deepest) return [];
      seen.add(id);
      return itemsAt(child, level + 1);
    });
    return frame && depth < deepest ? [...inner, ...itemsOf(frame, inOwner, mask, depth + 1)] : inner;
  };

  const itemsAt = (node: AxNode, level: number): Item[] => {
    const role = String(node.role?.value ?? 'generic');
    if (withoutChildren.has(role)) return [];
    const name = words(node.name, mask);
    if (role === 'StaticText')
      return name === '' || isDots(name) ? [] : [{ line: `text: ${quoted(name)}`, text: name, inner: [] }];
    const inner = itemsUnder(node, level);
    if (node.ignored || (passedOver.has(role) && name === '') || role === 'RootWebArea') return inner;
    return [{ line: heading(node, role, name, mask), text: undefined, inner: saysNoMore(inner, name) ? [] : inner }];
  };

  const [root] = nodes;
  return root ? itemsAt(root, 0) : [];
}

function saysNoMore(inner: readonly Item[], name: string): boolean {
  return inner.every(({ text }) => text !== undefined) && bare(inner.map(({ text }) => text).join('')) === bare(name);
}

function heading(node: AxNode, role: string, name: string, mask: Mask): string {
  const stated = states.flatMap((state) => {
    const value = node.properties?.find((property) => property.name === state)?.value.value;
    if (value === undefined || value === false || value === 'false' || value === '') return [];
    return [value === true || value === 'true' ? `[${state}]` : `[${state}=${value}]`];
  });
  const value = words(node.value, mask);
  const end = value === '' || isDots(value) || value === name ? '' : `: ${quoted(value)}`;
  return [role, ...(name === '' ? [] : [JSON.stringify(name)]), ...stated].join(' ') + end;
}

function linesOf({ line, inner }: Item, depth: number): string[] {
  const indent = '  '.repeat(depth);
  const [only, ...others] = inner;
  if (only?.text !== undefined && others.length === 0 && !line.includes(': '))
    return [`${indent}- ${line}: ${quoted(only.text)}`];
  const isParent = inner.length > 0 && !line.endsWith(':');
  return [`${indent}- ${line}${isParent ? ':' : ''}`, ...inner.flatMap((item) => linesOf(item, depth + 1))];
}

function isDots(text: string): boolean {
  return /^[\u2022\u25cf\u2219*]+$/.test(text); // escaped: V8 keeps a text with one such character at two bytes for each
}

function words(value: AxNode['name'], mask: Mask): string {
  const text = value?.value;
  if (typeof text !== 'string' && typeof text !== 'number') return '';
  const plain = String(text).replace(/\s+/g, ' ').trim();
  return cut(plain.length > mostNameCharacters ? mask(cut(plain, mostSearched)) : plain, mostNameCharacters);
}

/** As it is where YAML takes it for a text, else in quotes. */
function quoted(text: string): string {
  const isPlain = /^[\p{L}\p{N}(][^:#"'\n\\]*$/u.test(text) && !/^(true|false|null|yes|no|[\d.,]+)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}

function bare(text: string): string {
  return text.replace(/\s+/g, '');
}
