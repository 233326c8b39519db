import { Link, useSearch } from 'wouter';
import type { FailureGroup } from '../api/types.ts';
import { count } from '../format.ts';
import { because, listed, words } from '../messages/messages.ts';
import { periodOf } from '../period.ts';
import { BlockTable } from './BlockTable.tsx';
import css from './FailureTable.module.css';
import { Instant } from './Instant.tsx';
import { Spark } from './Spark.tsx';
import { Shape } from './State.tsx';

interface TableProps {
  groups: readonly FailureGroup[];
  customerId: string;
}

/** Kinds of failures as rows, those that came last first; each opens its runs. */
export function FailureTable({ groups, customerId }: TableProps) {
  return (
    <div className="scroll">
      <BlockTable
        className={css.table}
        columns={[
          words.whatWentWrong,
          { name: words.runs, isNumber: true },
          words.failuresPage.over,
          words.failuresPage.lastSeen,
          words.failuresPage.firstSeen,
          words.failuresPage.locations,
        ]}
      >
        {groups.map((group) => (
          <Row key={group.id} group={group} customerId={customerId} />
        ))}
      </BlockTable>
    </div>
  );
}

function Row({ group, customerId }: Omit<TableProps, 'groups'> & { group: FailureGroup }) {
  const search = useSearch();
  return (
    <tr className="opens">
      <th scope="row" className={css.what}>
        <span className={css.sentence}>
          <Shape kind={group.outcome} size={10} />
          <Link href={`/c/${customerId}/failures/${group.id}${periodOf(search)}`} title={group.message}>
            {group.transaction ?? words.aRun}: {because(group.code, group.message)}
          </Link>
        </span>
        <span className={css.where}>
          {group.monitor.name} <code>{group.code}</code>
        </span>
      </th>
      <td className={`number ${css.count}`} data-label={words.runs}>
        {count(group.count)}
      </td>
      <td>
        <Spark parts={group.parts} />
      </td>
      <td className={css.when} data-label={words.failuresPage.lastSeen}>
        {group.lastAt !== null && <Instant at={group.lastAt} precision="minutes" />}
        {group.lastRunId !== null && (
          <Link className="small" href={`/c/${customerId}/runs/${group.lastRunId}`}>
            {words.failuresPage.newestRun}
            <span className="hidden">
              {' '}
              {words.failuresPage.of(group.transaction ?? words.aRun, group.monitor.name)}
            </span>
          </Link>
        )}
      </td>
      <td className={css.when} data-label={words.failuresPage.firstSeen}>
        {group.firstAt !== null && <Instant at={group.firstAt} precision="minutes" />}
      </td>
      <td className={css.locations} title={group.locations.join(', ')}>
        {listed(group.locations)}
      </td>
    </tr>
  );
}
