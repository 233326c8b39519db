import { z } from 'zod';
import { Assignment, Schedule } from '../../sentinel/protocol/messages.ts';
import { EvidenceWish, MonitorWish, ProjectId } from '../publish/deployment.ts';
import { milliseconds } from './duration.ts';

const wish = MonitorWish.shape;
const { screenshot, quality, width, whenPassed } = EvidenceWish.shape;

/** A length of time, in milliseconds. */
const duration = z.string().transform((text, ctx) => {
  const ms = milliseconds(text);
  if (ms !== undefined) return ms;
  ctx.addIssue({
    code: 'custom',
    message: 'must be a length of time with its unit, as in "500 ms", "30 s", "5 min" or "1 h"',
  });
  return z.NEVER;
});
const within = (field: z.ZodType<number, number>) => duration.pipe(field);

const MonitorSchema = z.strictObject({
  name: wish.name,
  script: z.string().min(1),
  schedule: z
    .strictObject({
      every: within(Schedule.shape.everyMs).optional(),
      cron: Schedule.shape.cron,
      hours: Schedule.shape.hours,
      timeZone: Schedule.shape.timeZone,
    })
    .refine(({ every, cron }) => every === undefined || cron === undefined, {
      path: ['cron'],
      message: 'stands in the place of every; give one of the two',
    })
    .optional(),
  sentinels: z
    .strictObject({ names: z.array(z.string()), locations: z.array(z.string()), tags: z.array(z.string()) })
    .partial()
    .optional(),
  baseURL: z
    .string()
    .refine(
      (text) => URL.canParse(text) && /^https?:/.test(text),
      'must be a whole address, as in https://shop.example/',
    )
    .optional(),
  use: z.record(z.string(), z.unknown()).optional(),
  variables: z.record(z.string(), z.string()).optional(),
  secrets: z.array(z.string()).optional(),
  hosts: z.array(z.string()).optional(),
  thresholds: z.record(z.string(), duration).optional(),
  retries: z.literal([0, 1]).optional(),
  timeouts: z
    .strictObject({
      run: within(wish.timeoutMs.unwrap()),
      test: within(Assignment.shape.testTimeoutMs.unwrap()),
      expect: within(Assignment.shape.expectTimeoutMs.unwrap()),
    })
    .partial()
    .optional(),
  evidence: z.strictObject({ screenshot, quality, width, whenPassed, trace: z.boolean() }).partial().optional(),
  mask: z.array(z.string()).optional(),
  minSandboxLevel: z.literal([1, 2, 3]).optional(),
  tags: wish.tags.unwrap().optional(),
  paused: z.boolean().optional(),
});

/** What a `vedette.config.ts` gives, with lengths of time in milliseconds. */
export const ConfigSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'must be small letters, digits, "-", "." and "_", as in "web-shop"'),
  /** Missed by whoever loads it, who can say what to write. */
  project: ProjectId.optional(),
  monitors: z.array(MonitorSchema),
});
export type Config = z.output<typeof ConfigSchema>;
export type MonitorConfig = Config['monitors'][number];
