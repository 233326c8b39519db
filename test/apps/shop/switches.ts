import { z } from 'zod';

/** The pages a switch can name. `login`, `order` and `logout` are form targets: they answer with a redirect. */
export const pageNames = [
  'home',
  'login',
  'catalogue',
  'search',
  'product',
  'basket',
  'checkout',
  'order',
  'confirmation',
  'logout',
  'spa',
  'data',
] as const;
export type PageName = (typeof pageNames)[number];

export const faultKinds = ['http500', 'brokenElement', 'hang'] as const;
export type FaultKind = (typeof faultKinds)[number];

const withoutElement: ReadonlySet<PageName> = new Set(['login', 'order', 'logout', 'data']);

const Kinds = z.union([z.enum(faultKinds).transform((kind) => [kind]), z.array(z.enum(faultKinds)).min(1)]);
const common = { page: z.enum(pageNames), kind: Kinds, user: z.string().optional() };

/** A fault by the clock: for `forMs` at the start of every `everyMs`. */
const TimedFault = z
  .strictObject({ ...common, everyMs: z.number().positive(), forMs: z.number().positive() })
  .refine((fault) => fault.forMs <= fault.everyMs, 'forMs must not exceed everyMs');
/** A fault by count: every nth time that the page is asked for, counted for each user alone; the nth is the first, unless `first` says which. */
const CountedFault = z.strictObject({ ...common, everyNth: z.int().positive(), first: z.int().positive().optional() });

/** Where and when a page goes wrong. Several kinds take turns; with `user`, only for that user. */
export const Fault = z
  .union([TimedFault, CountedFault])
  .refine(
    (fault) => !(fault.kind.includes('brokenElement') && withoutElement.has(fault.page)),
    'brokenElement needs a page that shows something: login, order, logout and data only redirect or answer data',
  );
export type Fault = z.output<typeof Fault>;

export const Switches = z.strictObject({
  /** Milliseconds that a page waits before it answers. */
  delays: z.partialRecord(z.enum(pageNames), z.number().min(0)).optional(),
  faults: z.array(Fault).optional(),
});
export type Switches = z.output<typeof Switches>;
/** As people write them: a single kind needs no list. */
export type SwitchesInput = z.input<typeof Switches>;
