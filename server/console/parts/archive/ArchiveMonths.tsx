import { Button } from '@mantine/core';
import { Link } from 'wouter';
import type { ArchiveMonth } from '../../api/types.ts';
import { utcDay, utcMonth } from '../../archive-words.ts';
import { bytes, count, instant } from '../../format.ts';
import { messages } from '../../messages/messages.ts';
import { BlockTable } from '../BlockTable.tsx';
import { zone } from '../Instant.tsx';
import css from './ArchiveMonths.module.css';

const words = messages.archive;

interface ArchiveMonthsProps {
  customerId: string;
  months: readonly ArchiveMonth[];
  /** Which one the address is about. */
  chosen: string;
  onRestore?(month: ArchiveMonth): void;
  onGiveBack?(month: ArchiveMonth): void;
}

/** Months as rows, the newest first: where each is, and what can be done with it. */
export function ArchiveMonths({ months, ...props }: ArchiveMonthsProps) {
  return (
    <div className="scroll">
      <BlockTable
        className={css.table}
        columns={[
          words.month,
          words.state,
          { name: words.runs, isNumber: true },
          { name: words.size, isNumber: true },
          words.verified,
          { name: words.actions, isHidden: true },
        ]}
      >
        {months.map((month) => (
          <Row key={month.month} month={month} {...props} />
        ))}
      </BlockTable>
    </div>
  );
}

function Row({ month, chosen, ...props }: Omit<ArchiveMonthsProps, 'months'> & { month: ArchiveMonth }) {
  const supplements = month.pieces.length - 1;
  const isChosen = month.month === chosen;
  return (
    <tr
      className={isChosen ? css.chosen : undefined}
      aria-current={isChosen || undefined}
      ref={isChosen ? bringIntoView : undefined}
    >
      <th scope="row" className={css.month}>
        {utcMonth(month.month)}
        {supplements > 0 && (
          <span className="faint small" title={words.supplementsMeaning}>
            {words.supplements(supplements)}
          </span>
        )}
      </th>
      <td data-label={words.state} className={css.state}>
        <State month={month} />
      </td>
      <td data-label={words.runs} className="number">
        {month.state === 'live' && month.runs !== null && month.to > Date.now() && (
          <span className="faint small">{words.runsSoFar} </span>
        )}
        {month.runs === null || month.state === 'erased' ? words.none : count(month.runs)}
      </td>
      <td data-label={words.size} className="number">
        {month.bytes ? bytes(month.bytes) : words.none}
      </td>
      <td data-label={words.verified}>
        <Verified month={month} />
      </td>
      <td className={`number act ${css.acts}`}>
        <Acts month={month} {...props} />
      </td>
    </tr>
  );
}

/** Once, as it comes: whoever has gone elsewhere since is not brought back by a poll. */
function bringIntoView(row: HTMLTableRowElement | null): void {
  row?.scrollIntoView({ block: 'center' });
}

function State({ month: { state, dueAt, restore } }: { month: ArchiveMonth }) {
  if (restore?.state === 'restored') {
    return (
      <span title={words.meanings.restored}>
        <strong>{words.states.restored}</strong>{' '}
        <span className="faint small">{words.restoredUntil(instant(restore.until, zone, Date.now(), 'minutes'))}</span>
      </span>
    );
  }
  return (
    <>
      <span title={words.meanings[state]}>{words.states[state]}</span>{' '}
      {state === 'live' && dueAt !== null && <span className="faint small">{words.dueFrom(utcDay(dueAt))}</span>}
      {restore?.state === 'asked' && <span className={css.told}>{words.asked(restore.by)}</span>}
      {restore?.state === 'failed' && <span className={`${css.told} ${css.bad}`}>{words.failed(restore.fault)}</span>}
    </>
  );
}

function Verified({ month: { pieces } }: { month: ArchiveMonth }) {
  const fault = pieces.find((piece) => piece.fault !== null)?.fault;
  if (fault != null) return <span className={css.bad}>{words.fault(fault)}</span>;
  const at = Math.max(...pieces.map((piece) => piece.verifiedAt ?? 0));
  return at > 0 ? utcDay(at) : words.none;
}

function Acts({
  customerId,
  month,
  onRestore,
  onGiveBack,
}: Omit<ArchiveMonthsProps, 'months' | 'chosen'> & { month: ArchiveMonth }) {
  const { month: name, state, restore, pieces } = month;
  const isWished = restore !== null && restore.state !== 'failed';
  const of = <span className="hidden"> {utcMonth(name)}</span>;
  return (
    <>
      {restore?.state === 'restored' && (
        <Button component={Link} href={`/c/${customerId}/archive/${name}`} variant="default" size="compact-xs">
          {words.openRuns}
          {of}
        </Button>
      )}
      {state === 'archived' && !isWished && onRestore && (
        <Button variant="default" size="compact-xs" onClick={() => onRestore(month)}>
          {words.restore}
          {of}
        </Button>
      )}
      {isWished && onGiveBack && (
        <Button variant="subtle" size="compact-xs" onClick={() => onGiveBack(month)}>
          {words.giveBack}
          {of}
        </Button>
      )}
      {pieces
        .filter((piece) => piece.hasManifest)
        .map((piece) => (
          <a
            key={piece.name}
            className="small"
            href={`/api/v1/customers/${customerId}/archive/pieces/${piece.name}/manifest`}
            download
            title={words.manifestOf(piece.name)}
          >
            {words.manifest}
            {piece.name === name ? of : ` ${piece.name.slice(name.length + 1)}`}
          </a>
        ))}
    </>
  );
}
