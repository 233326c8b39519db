import type { ReactNode } from 'react';
import type { ServiceReport, ServiceRow } from '../../api/types.ts';
import { count, duration, share } from '../../format.ts';
import { messages } from '../../messages/messages.ts';
import { Shape } from '../State.tsx';
import css from './ReportFigures.module.css';

const words = messages.reports.figures;

/** What the report comes to, in four figures. */
export function ReportFigures({ report }: { report: ServiceReport }) {
  const { whole } = report;
  const done = whole.passed + whole.failed + whole.errored;
  return (
    <dl className={css.figures}>
      <Figure name={words.availability} value={share(whole.availability)}>
        {words.availabilityNote(count(whole.passed), count(whole.passed + whole.failed))}
      </Figure>
      <Figure name={words.coverage} value={share(whole.coverage)}>
        {words.coverageNote(count(done), count(whole.expected ?? 0))}
      </Figure>
      <Figure name={words.p95} value={duration(whole.p95Us)}>
        {words.p95Note}
      </Figure>
      {report.template === 'service-level' && <TargetsMet rows={report.tables[0]?.rows ?? []} />}
    </dl>
  );
}

function TargetsMet({ rows }: { rows: readonly ServiceRow[] }) {
  const sum = (name: 'targets' | 'targetsMet') => rows.reduce((all, row) => all + (row[name] ?? 0), 0);
  const [targets, met] = [sum('targets'), sum('targetsMet')];
  if (targets === 0) {
    return (
      <Figure name={words.targets} value={<span className={css.none}>{words.noTargets}</span>}>
        {words.noTargetsNote}
      </Figure>
    );
  }
  return (
    <Figure name={words.targets} value={words.targetsOf(count(met), count(targets))}>
      <span className={met < targets ? css.missed : css.met}>
        <Shape kind={met < targets ? 'failed' : 'passed'} size={10} />
        {met < targets ? words.missed(count(targets - met)) : words.allMet}
      </span>
    </Figure>
  );
}

function Figure({ name, value, children }: { name: string; value: ReactNode; children: ReactNode }) {
  return (
    <div className={css.figure}>
      <dt>{name}</dt>
      <dd className={css.value}>{value}</dd>
      <dd className={css.note}>{children}</dd>
    </div>
  );
}
