import { z } from 'zod';
import { EnrolmentRequest, type EvidenceItem, Heartbeat, RequestHeaders, Run } from './messages.ts';

/*
 * Everything a sentinel sends, as its administrator may want to know it. The fields and what they are come from the
 * schemas of the messages; `collects` and COLLECTED-DATA.md are made of this.
 */

/** A message and what it is for. `name` begins the names of its fields. */
const messages: readonly { name: string; call: string; purpose: string; schema: z.ZodType }[] = [
  {
    name: 'enrolment',
    call: 'POST /enrolments',
    purpose: 'once, to make the device a sentinel',
    schema: EnrolmentRequest,
  },
  {
    name: 'run',
    call: 'POST /runs',
    purpose: 'after each run, for reports of response time and availability; after a trial, for who tries a draft',
    schema: Run,
  },
  {
    name: 'heartbeat',
    call: 'POST /heartbeats',
    purpose: 'twice a minute, to show that the sentinel is there and what it lacks',
    schema: Heartbeat,
  },
  {
    name: 'header',
    call: 'every call but the enrolment',
    purpose: 'to prove which sentinel calls; questions for work and for scripts carry nothing else',
    schema: RequestHeaders,
  },
];

/** A local setting that switches evidence off, and by which value. */
interface Switch {
  setting: 'screenshots' | 'traces' | 'pageTexts';
  off: 'never' | 'on-failure';
}
const screenshots: Switch = { setting: 'screenshots', off: 'never' };
const pageTexts: Switch = { setting: 'pageTexts', off: 'never' };
const failuresOnly: Switch = { setting: 'screenshots', off: 'on-failure' };
const traces: Switch = { setting: 'traces', off: 'never' };

/** What each kind of evidence file shows, a screenshot by when it is taken. */
const evidence = {
  screenshot: {
    what: 'Picture of the page when a run went wrong, or a trial ended; password fields and marked elements are painted over',
    switches: [screenshots],
  },
  aria: {
    what: 'Roles, names and texts of the page when a run went wrong, or a trial ended; secrets masked',
    switches: [pageTexts],
  },
  trace: {
    what: 'Playwright trace of a run that went wrong, if its monitor asks for one: what the pages showed and requested; secrets and typed passwords taken out',
    switches: [traces, screenshots, pageTexts],
  },
  screenshotWhenPassed: {
    what: "Picture of the page at the end of a transaction, of a monitor's first run that passes and then at most once a day, to be compared with that of a failure; painted over likewise",
    switches: [failuresOnly, screenshots, { setting: 'pageTexts', off: 'on-failure' }, pageTexts],
  },
} as const satisfies Record<
  EvidenceItem['kind'] | 'screenshotWhenPassed',
  { what: string; switches: readonly Switch[] }
>;

export interface CollectedField {
  /** As in `run.transactions[].name`. */
  name: string;
  /** What it is and what for; empty if its schema does not say. */
  what: string;
  /** A message can be without it. */
  optional: boolean;
  /** Each of them switches it off. */
  switches: readonly Switch[];
}

export interface CollectedMessage {
  call: string;
  purpose: string;
  fields: CollectedField[];
}

/** Every message with every field that can be in it. */
export function collected(): CollectedMessage[] {
  const told = messages.map(({ name, call, purpose, schema }) => ({
    call,
    purpose,
    fields: fieldsOf(name, z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })),
  }));
  const files = {
    call: 'PUT /evidence/{sha256}',
    purpose: 'after a run that went wrong, the files that show how; now and then after one that passed',
    fields: Object.entries(evidence).map(([kind, it]) => ({ name: `evidence.${kind}`, optional: true, ...it })),
  };
  return [...told.slice(0, 2), files, ...told.slice(2)];
}

function switchesOf(name: string): readonly Switch[] {
  return /^run\.page\b/.test(name) ? [pageTexts] : [];
}

/** Of an object its fields and theirs; what holds others is named too. */
function fieldsOf(name: string, schema: z.core.JSONSchema.BaseSchema): CollectedField[] {
  const { properties, required = [], items } = schema;
  if (typeof items === 'object' && !Array.isArray(items)) return fieldsOf(`${name}[]`, items);
  return Object.entries(properties ?? {}).flatMap(([key, field]) => {
    if (typeof field !== 'object') return [];
    const of = `${name}.${key}`;
    const own = {
      name: of,
      what: field.description ?? '',
      optional: !required.includes(key),
      switches: switchesOf(of),
    };
    return [own, ...fieldsOf(of, field)];
  });
}
