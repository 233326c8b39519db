import { z } from 'zod';

/** A weakness that is known of a library. */
export interface Finding {
  /** `GHSA-…`, by which it is allowed; or the address where it is described. */
  advisory: string;
  library: string;
  severity: string;
  title: string;
}

const AllowedList = z.array(
  z.strictObject({
    advisory: z.string().min(1),
    /** Why it does no harm here, or why it can't be mended yet. */
    why: z.string().min(10),
    /** The last day on which it is. */
    until: z.iso.date(),
  }),
);
export type Allowed = z.infer<typeof AllowedList>[number];

const Via = z.object({ url: z.string(), name: z.string(), severity: z.string(), title: z.string() });
const Report = z.object({
  vulnerabilities: z.record(z.string(), z.object({ via: z.array(z.union([z.string(), Via])) })),
});

/** The list of what is allowed. Throws where an entry lacks its reason or its date. */
export function allowedList(text: string): Allowed[] {
  const parsed = AllowedList.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new Error(`advisories-allowed.json is not as it must be: ${z.prettifyError(parsed.error)}`);
}

/** What `npm audit --json` found. Throws where npm could not ask the advisory service. */
export function findingsIn(text: string): Finding[] {
  const report = Report.safeParse(parsed(text));
  if (!report.success) {
    const next = 'check that this machine reaches its npm registry (npm ping), or run this elsewhere';
    throw new Error(`the advisory service could not be asked, so nothing is known of any library: ${next}`);
  }
  const all = Object.values(report.data.vulnerabilities).flatMap(({ via }) =>
    via.filter((one) => typeof one !== 'string'),
  );
  const findings = all.map(({ url, name, severity, title }) => {
    return { advisory: url.split('/').at(-1) ?? url, library: name, severity, title };
  });
  return [...new Map(findings.map((finding) => [`${finding.advisory} ${finding.library}`, finding])).values()];
}

/** Which findings are not allowed on the day of `now`, each as a line with what to do; and which are. */
export function judged(findings: readonly Finding[], allowed: readonly Allowed[], now: number) {
  const today = new Date(now).toISOString().slice(0, 10);
  const [wrong, fine]: [string[], string[]] = [[], []];
  for (const { advisory, library, severity, title } of findings) {
    const what = `${library}: ${title} (${severity}, ${advisory})`;
    const entry = allowed.find((one) => one.advisory === advisory);
    if (!entry) wrong.push(`${what}: update the library, or allow it with a reason and a date`);
    else if (entry.until < today) wrong.push(`${what}: it was allowed until ${entry.until}: update the library now`);
    else fine.push(`${what}: allowed until ${entry.until}, since ${entry.why}`);
  }
  return { wrong, fine };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
