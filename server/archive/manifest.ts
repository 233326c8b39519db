import { z } from 'zod';
import { auditKeys } from '../audit/audit-key.ts';
import { statementOf } from '../audit/signed-text.ts';
import { Sums } from './sums.ts';

const MeasuredFile = z.object({ bytes: z.int(), sha256: z.string() });

/** What a piece of the archive holds: sealed like its files, and kept in the database. */
export const Manifest = z.object({
  /** Of the files; rises when an older reader could not read them. */
  form: z.literal(1),
  customer: z.object({ id: z.string(), name: z.string() }),
  /** `2025-01` */
  month: z.string(),
  /** 0 is the month, above are its supplements. */
  part: z.int(),
  /** ms since 1970 */
  madeAt: z.int(),
  /** Of Vedette. */
  software: z.string(),
  /** Steps of the customer's schema. */
  schema: z.int(),
  sums: Sums,
  evidence: z.object({ rows: z.int(), files: z.int(), missing: z.int() }),
  /** By name, before they were sealed. */
  files: z.record(z.string(), MeasuredFile),
  recipients: z.array(z.string()),
});
export type Manifest = z.infer<typeof Manifest>;

/** What stands beside the files for all to see: nothing of what is in them. */
export const Seal = z.object({
  ...{ form: z.literal(1), customer: z.string(), month: z.string(), part: z.int(), madeAt: z.int() },
  /** By name, sealed. */
  files: z.record(z.string(), MeasuredFile),
  /** SHA-256 of the seal of the piece before; null: it is the first. */
  before: z.string().nullable(),
});
export type Seal = z.infer<typeof Seal>;

/** The names of these two in an entry. */
export const [manifestFile, sealFile] = ['manifest.json', 'seal.json'];

/** How a file is called once it is sealed. */
export const sealedName = (file: string): string => `${file}.age`;

/** What was signed, or undefined where nobody of ours signed it as it is. */
export function readSigned<T>(text: string, form: z.ZodType<T>, dataFolder: string): T | undefined {
  const statement = statementOf(text, auditKeys(dataFolder));
  return statement === undefined ? undefined : form.safeParse(JSON.parse(statement)).data;
}
