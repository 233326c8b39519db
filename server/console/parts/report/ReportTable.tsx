import type { ReactNode } from 'react';
import type { ColumnName, ServiceReport, ServiceRow, ServiceTable } from '../../api/types.ts';
import { count, duration, monthYear, share } from '../../format.ts';
import { messages } from '../../messages/messages.ts';
import { cellText, shownColumns } from '../../report-cells.ts';
import { Change } from '../Change.tsx';
import { Shape } from '../State.tsx';
import { Budget } from './Budget.tsx';
import css from './ReportTable.module.css';
import { Verdict } from './Verdict.tsx';

const words = messages.reports;

/** Cells that stand to the left, as words do. */
const worded: readonly ColumnName[] = [
  'month',
  'tag',
  'monitor',
  'transaction',
  'location',
  'hours',
  'budgetLeft',
  'codes',
  'skippedBy',
];
const lead: readonly ColumnName[] = ['tag', 'monitor', 'transaction', 'location'];

/** The figures of a table; its heading is repeated on every sheet of paper. */
export function ReportTable({ table, report }: { table: ServiceTable; report: ServiceReport }) {
  const columns = shownColumns(table, report);
  return (
    <div className={`scroll ${css.scroll}`}>
      <table className={`table ${css.table}`}>
        <caption className="hidden">{[words.tables[table.name], table.of].filter(Boolean).join(': ')}</caption>
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col" className={worded.includes(name) ? undefined : 'number'}>
                {name === 'p95BeforeUs'
                  ? words.change
                  : (words.headings[name as keyof typeof words.headings] ?? words.columns[name])}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, i) => (
            <tr
              key={`${row.from} ${row.tag} ${row.monitor} ${row.transaction} ${row.location}`}
              className={beginsMonth(table, i) ? css.begins : undefined}
            >
              {columns.map((name) => (
                <Cell key={name} name={name} row={row} report={report} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function beginsMonth({ rows, columns }: ServiceTable, i: number): boolean {
  return i > 0 && columns[0]?.name === 'month' && rows[i]?.from !== rows[i - 1]?.from;
}

function Cell({ name, row, report }: { name: ColumnName; row: ServiceRow; report: ServiceReport }) {
  if (lead.includes(name)) {
    const isWhole = name === 'transaction' && row.transaction === null;
    return (
      <th scope="row" className={`${css.lead} ${isWhole ? css.whole : ''}`}>
        {cellText(name, row, () => '')}
      </th>
    );
  }
  const isText = name === 'codes' || name === 'skippedBy';
  const kind = worded.includes(name) ? (isText ? css.text : 'nowrap') : 'number';
  return <td className={kind}>{drawn[name]?.(row) ?? cellText(name, row, (at) => monthYear(at, report.timeZone))}</td>;
}

const drawn: Partial<Record<ColumnName, (row: ServiceRow) => ReactNode>> = {
  availability: ({ availability, availabilityTarget: target, availabilityMet }) => (
    <>
      {share(availability)}
      {target !== null && <Verdict target={words.atLeast(share(target))} met={availabilityMet} />}
    </>
  ),
  p95Us: ({ p95Us, p95TargetUs: target, p95Met }) => (
    <>
      {duration(p95Us)}
      {target !== null && <Verdict target={words.atMost(duration(target))} met={p95Met} />}
    </>
  ),
  budgetLeft: (row) => (row.availabilityTarget === null ? '' : <Budget row={row} />),
  p95BeforeUs: ({ p95Us, p95BeforeUs }) => <Change now={p95Us} before={p95BeforeUs} />,
  targetsMet: ({ targets, targetsMet }) => <MetOf met={targetsMet ?? 0} all={targets ?? 0} />,
};

function MetOf({ met, all }: { met: number; all: number }) {
  if (all === 0) return '';
  return (
    <span className={`${css.verdict} ${met < all ? css.missed : ''}`}>
      <Shape kind={met < all ? 'failed' : 'passed'} size={9} />
      {words.figures.targetsOf(count(met), count(all))}
    </span>
  );
}
