import { type AnyNode, parse, type Statement } from 'acorn';
import { quoted } from '../config/config-text.ts';

/* A recording of Playwright's codegen, cut into transactions. Pure: text in, text out. */

/** One statement of a recording. */
export interface Deed {
  text: string;
  /** `cause`: something that the application answers to; `end`: belongs to what came before it. */
  kind: 'goto' | 'cause' | 'type' | 'click-into' | 'end' | 'other';
  /** What its element is called. */
  label: string;
  /** A text that was typed, and where in `text` it stands. */
  typed?: { value: string; from: number; to: number };
  /** Variables that it declares. */
  declares: string[];
}

/** A part of a recording that becomes one transaction. */
export interface Part {
  name: string;
  deeds: Deed[];
}

/** A text that was typed and may be a secret. */
export interface Typed {
  value: string;
  label: string;
  /** Its field is called like one of a secret. */
  looksSecret: boolean;
}

/** What a person decides about a recording. */
export interface Decisions {
  title: string;
  parts: readonly Part[];
  /** Names of secrets by the texts that were typed. */
  secrets: ReadonlyMap<string, string>;
}

/** A recording can't be cut; the message says why. */
export class NoRecording extends Error {
  override readonly name = 'NoRecording';
}

/** The parts that a recording falls into: each ends with what the application answers to. Throws `NoRecording`. */
export function cut(recording: string): Part[] {
  const parts: Deed[][] = [];
  let open: Deed[] = [];
  for (const deed of withoutClicksInto(deedsOf(recording))) {
    const last = parts.at(-1);
    if (deed.kind === 'end' && open.length === 0 && last) last.push(deed);
    else open.push(deed);
    if (deed.kind !== 'goto' && deed.kind !== 'cause') continue;
    parts.push(open);
    open = [];
  }
  if (open.length > 0) parts.push(open);
  if (parts.length === 0)
    throw new NoRecording('Nothing was recorded: open the page and use it before you close the browser.');
  return named(joined(parts));
}

/** What was typed, each text once. */
export function typedIn(parts: readonly Part[]): Typed[] {
  const all = parts.flatMap(({ deeds }) => deeds).flatMap(({ typed, label }) => (typed ? [{ ...typed, label }] : []));
  const distinct = new Map(all.filter(({ value }) => value !== '').map((one) => [one.value, one]));
  return [...distinct.values()].map(({ value, label }) => ({ value, label, looksSecret: isSecretive(label) }));
}

/** Where the recording begins: the origin of its first address. */
export function originOf(parts: readonly Part[]): string | undefined {
  const [, address = ''] = /\.goto\('([^']+)'/.exec(parts[0]?.deeds.map(({ text }) => text).join('\n') ?? '') ?? [];
  return URL.canParse(address) ? new URL(address).origin : undefined;
}

/** The script: each part a step, addresses from `baseURL`, secrets from the environment. */
export function scriptOf({ title, parts, secrets }: Decisions): string {
  const origin = originOf(parts);
  const steps = parts.map(({ name, deeds }) => {
    const lines = deeds.map((deed) => `    ${line(deed, secrets, origin).replaceAll('\n', '\n  ')}`);
    return `  await test.step(${quoted(name)}, async () => {\n${lines.join('\n')}\n  });\n`;
  });
  const body = steps.join('\n');
  const names = /\bexpect\(/.test(body) ? 'expect, test' : 'test';
  const head = `import { ${names} } from '@playwright/test';\n\ntest.use({ actionTimeout: 5_000 });\n\n`;
  return `${head}test(${quoted(title)}, async ({ page }) => {\n${body}});\n`;
}

function line({ text, typed }: Deed, secrets: ReadonlyMap<string, string>, origin: string | undefined): string {
  const name = typed && secrets.get(typed.value);
  const safe = typed && name ? `${text.slice(0, typed.from)}process.env.${name} ?? ''${text.slice(typed.to)}` : text;
  return origin === undefined
    ? safe
    : safe.replace(`.goto('${origin}/`, ".goto('./").replace(`.goto('${origin}'`, ".goto('./'");
}

function deedsOf(recording: string): Deed[] {
  const { body } = parse(recording, { ecmaVersion: 'latest', sourceType: 'module' });
  const call = body.flatMap((node) => (node.type === 'ExpressionStatement' ? [node.expression] : [])).find(isTest);
  const run = call?.type === 'CallExpression' ? call.arguments.at(-1) : undefined;
  if (run?.type !== 'ArrowFunctionExpression' || run.body.type !== 'BlockStatement')
    throw new NoRecording('That is no recording of Playwright: it has no test.');
  return run.body.body.map((statement) => deedOf(statement, recording));
}

function isTest(node: AnyNode): boolean {
  return node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === 'test';
}

function deedOf(statement: Statement, recording: string): Deed {
  const text = recording.slice(statement.start, statement.end);
  const declares =
    statement.type === 'VariableDeclaration'
      ? statement.declarations.flatMap(({ id }) => (id.type === 'Identifier' ? [id.name] : []))
      : [];
  const awaited =
    statement.type === 'ExpressionStatement' && statement.expression.type === 'AwaitExpression'
      ? statement.expression.argument
      : undefined;
  const label =
    /(?:name: |getBy(?:Label|Placeholder|Text|Title|AltText|TestId)\()'((?:[^'\\]|\\.)*)'/
      .exec(text)?.[1]
      ?.replaceAll("\\'", "'") ?? '';
  const base = { text, label, declares };
  if (declares.length > 0) return { ...base, kind: /= await /.test(text) ? 'end' : 'other' };
  if (awaited?.type !== 'CallExpression' || awaited.callee.type !== 'MemberExpression')
    return { ...base, kind: 'other' };
  const verb = awaited.callee.property.type === 'Identifier' ? awaited.callee.property.name : '';
  const [first] = awaited.arguments;
  if (text.startsWith('await expect(')) return { ...base, kind: 'end' };
  if (verb === 'fill' || verb === 'pressSequentially') {
    if (first?.type !== 'Literal' || typeof first.value !== 'string') return { ...base, kind: 'type' };
    const typed = { value: first.value, from: first.start - statement.start, to: first.end - statement.start };
    return { ...base, kind: 'type', typed };
  }
  return { ...base, kind: kindOf(verb, text, first) };
}

const fields =
  /getByRole\('(?:textbox|searchbox|combobox|spinbutton)'|getByLabel\(|getByPlaceholder\(|locator\('(?:input|textarea|#)/;

function kindOf(verb: string, text: string, first: AnyNode | undefined): Deed['kind'] {
  if (verb === 'goto') return 'goto';
  if (verb === 'press') return first?.type === 'Literal' && first.value === 'Enter' ? 'cause' : 'other';
  if (verb === 'click' || verb === 'dblclick') return fields.test(text) ? 'click-into' : 'cause';
  return 'other';
}

/** A click into a field before something is typed there says nothing: `fill` does it too. */
function withoutClicksInto(deeds: readonly Deed[]): Deed[] {
  const kept = deeds.filter((deed, i) => {
    const next = deeds[i + 1];
    const isTab = /\.press\('Tab'\)/.test(deed.text);
    return (
      !isTab &&
      !(deed.kind === 'click-into' && next && ['type', 'click-into'].includes(next.kind) && next.label === deed.label)
    );
  });
  return kept.map((deed) => (deed.kind === 'click-into' ? { ...deed, kind: 'cause' } : deed));
}

/** A variable lives in one step: parts from its declaration to its last use are one. */
function joined(parts: Deed[][]): Deed[][] {
  const whole = parts.map((deeds) => [...deeds]);
  for (let i = 0; i < whole.length; i++) {
    const names = (whole[i] ?? []).flatMap(({ declares }) => declares);
    const uses = ({ text }: Deed) => names.some((name) => new RegExp(`\\b${name}\\b`).test(text));
    const last = whole.findLastIndex((deeds, j) => j > i && deeds.some(uses));
    if (last <= i) continue;
    whole[i]?.push(...whole.splice(i + 1, last - i).flat());
    i--; // what was taken in may declare more
  }
  return whole;
}

/** Names of people's own words: the button's, the link's, the field's. */
function named(parts: readonly Deed[][]): Part[] {
  const taken = new Map<string, number>();
  return parts.map((deeds) => {
    const cause = deeds.findLast(({ kind }) => kind === 'cause' || kind === 'goto');
    const plain =
      cause?.kind === 'goto' ? 'Open' : cause?.label || deeds.find(({ label }) => label !== '')?.label || 'Step';
    const count = (taken.get(plain) ?? 0) + 1;
    taken.set(plain, count);
    return { name: count === 1 ? plain : `${plain} ${count}`, deeds };
  });
}

function isSecretive(label: string): boolean {
  return /passw|passcode|\bpin\b|secret|token|kennwort|wachtwoord|mot de passe|contrase|senha|hasło|парол/i.test(label);
}

/** A name that `process.env` can have, of what a field is called. */
export function nameOfSecret(label: string): string {
  const name = label
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .toUpperCase();
  return (/^[A-Z]/.test(name) ? name : `SECRET_${name}`).slice(0, 60);
}
