import { Button } from '@mantine/core';
import type { Sentinel } from '../api/types.ts';
import { offset } from '../format.ts';
import { sandboxLevels, sentinelWords as say, sentinelStates } from '../messages/messages.ts';
import { BlockTable } from './BlockTable.tsx';
import { Instant } from './Instant.tsx';
import css from './SentinelTable.module.css';
import { Shape } from './State.tsx';
import { Tags } from './Tags.tsx';

export type SentinelAction = 'change' | 'revoke' | 'decide';

interface SentinelTableProps {
  sentinels: readonly Sentinel[];
  /** Left out for who may not change anything. */
  onAct?: ((action: SentinelAction, sentinel: Sentinel) => void) | undefined;
}

/** Sentinels as rows: where each is, how it is, and what it says is wrong. */
export function SentinelTable({ sentinels, onAct }: SentinelTableProps) {
  return (
    <div className="scroll">
      <BlockTable
        className={css.table}
        columns={[
          say.name,
          say.state,
          { name: say.spool, hint: say.spoolMeaning },
          { name: say.clock, hint: say.clockMeaning, isNumber: true },
          say.sandbox,
          say.version,
          onAct !== undefined && { name: say.actions, isHidden: true },
        ]}
      >
        {sentinels.map((sentinel) => (
          <Row key={sentinel.id} sentinel={sentinel} onAct={onAct} />
        ))}
      </BlockTable>
    </div>
  );
}

function Row({ sentinel, onAct }: { sentinel: Sentinel; onAct: SentinelTableProps['onAct'] }) {
  return (
    <tr className={sentinel.state === 'revoked' ? css.gone : undefined}>
      <th scope="row" className={css.name}>
        {sentinel.name}
        <span className="faint small">{sentinel.location}</span>
        <Tags tags={sentinel.tags} />
      </th>
      <td className={css.state}>
        <State sentinel={sentinel} />
      </td>
      <td className="nowrap">
        <Spool spool={sentinel.spool} />
      </td>
      <td className="number">{offset(sentinel.clockOffsetMs)}</td>
      <td className={css.sandbox}>
        {sentinel.sandboxLevel !== null && (
          <span title={sandboxLevels[sentinel.sandboxLevel]}>{say.level(sentinel.sandboxLevel)}</span>
        )}
        <span className="faint small" title={sentinel.browser ?? undefined}>
          {sentinel.browser?.replace(/(\d+)\.[\d.]+$/, '$1')}
        </span>
      </td>
      <td className={css.version}>
        {sentinel.version}
        <span className="faint small">{sentinel.platform}</span>
      </td>
      {onAct && (
        <td className={css.actions}>
          {sentinel.state !== 'revoked' && sentinel.machines.length > 1 && (
            <Button size="compact-xs" onClick={() => onAct('decide', sentinel)}>
              {say.decide}
              <span className="hidden"> {sentinel.name}</span>
            </Button>
          )}
          {sentinel.state !== 'revoked' &&
            (['change', 'revoke'] as const).map((action) => (
              <Button key={action} variant="default" size="compact-xs" onClick={() => onAct(action, sentinel)}>
                {say[action]}
                <span className="hidden"> {sentinel.name}</span>
              </Button>
            ))}
        </td>
      )}
    </tr>
  );
}

function State({ sentinel }: { sentinel: Sentinel }) {
  const { state, problems, machines, refused } = sentinel;
  const parked = machines.filter((machine) => machine.state === 'parked').length;
  return (
    <>
      <span className={css.mark}>
        <Shape kind={state} size={10} />
        {sentinelStates[state]}
      </span>
      <Since sentinel={sentinel} />
      {state !== 'revoked' && parked > 0 && <span className={css.wrong}>{say.second(parked)}</span>}
      {state !== 'revoked' && problems.slice(0, 3).map((problem) => <Wrong key={problem} text={problem} />)}
      {state !== 'revoked' && refusals(refused).map((text) => <Wrong key={text} text={text} />)}
      {state !== 'revoked' && problems.length > 3 && (
        <span className="faint small">{say.more(problems.length - 3)}</span>
      )}
    </>
  );
}

/** What several monitors ask for in vain is said once. */
function refusals(refused: Sentinel['refused']): string[] {
  return [...new Set(refused.map(({ setting, asked }) => say.refused(setting, asked)))].slice(0, 3);
}

function Wrong({ text }: { text: string }) {
  return (
    <span className={css.wrong} title={text}>
      {text}
    </span>
  );
}

function Since({ sentinel: { state, lastSeenAt, revokedAt, enrolledAt, paused } }: { sentinel: Sentinel }) {
  if (state === 'paused' && paused) return <Said word={say.paused(paused.reason)} at={paused.since} />;
  if (state === 'revoked' && revokedAt !== null) return <Said word={say.since} at={revokedAt} />;
  if (state === 'away' && lastSeenAt !== null) return <Said word={say.lastHeard} at={lastSeenAt} />;
  return state === 'unused' ? <Said word={say.enrolled} at={enrolledAt} /> : null;
}

function Said({ word, at }: { word: string; at: number }) {
  return (
    <span className="faint small">
      {word} <Instant at={at} precision="minutes" />
    </span>
  );
}

function Spool({ spool }: { spool: Sentinel['spool'] }) {
  if (!spool) return null;
  const lost = [
    spool.rejected > 0 ? say.rejected(spool.rejected) : '',
    spool.putOff > 0 ? say.putOff(spool.putOff) : '',
    spool.dropped > 0 ? say.dropped(spool.dropped) : '',
  ].filter(Boolean);
  return (
    <span className={css.stack}>
      <span className={spool.runs === 0 ? 'faint' : ''}>{say.waiting(spool.runs)}</span>
      {lost.length > 0 && (
        <span
          className={css.lost}
          title={spool.drops.map(({ kind, reason, count }) => say.drop(kind, reason, count)).join(', ')}
        >
          {lost.join(', ')}
        </span>
      )}
    </span>
  );
}
