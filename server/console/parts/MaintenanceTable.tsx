import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { addMaintenance, maintenanceQuery, removeMaintenance } from '../api/monitor-queries.ts';
import type { Maintenance, Overview } from '../api/types.ts';
import { wishAgain } from '../maintenance-draft.ts';
import { messages } from '../messages/messages.ts';
import { AddMaintenance } from './AddMaintenance.tsx';
import { BlockTable } from './BlockTable.tsx';
import { Between, Instant } from './Instant.tsx';
import { Bar, Loaded } from './Loaded.tsx';
import { Notice } from './Notice.tsx';
import { Undo } from './Undo.tsx';

const say = messages.maintenance;

interface MaintenanceProps {
  customerId: string;
  monitors: Overview['monitors'];
  mayChange: boolean;
}

/** Times of maintenance; administrators plan and remove them here, and may take a removal back. */
export function MaintenanceTable({ customerId, monitors, mayChange }: MaintenanceProps) {
  const query = useQuery(maintenanceQuery(customerId));
  const [adding, setAdding] = useState(false);
  const [removed, setRemoved] = useState<Maintenance>();
  const names = new Map(monitors.map(({ id, name }) => [id, name]));
  const undoing = useMutation({
    mutationFn: (one: Maintenance) => addMaintenance(customerId, wishAgain(one)),
    onSuccess: () => setRemoved(undefined),
  });
  const remove = (one: Maintenance) => void removeMaintenance(customerId, one).then(() => setRemoved(one));
  return (
    <section className="panel" aria-labelledby="maintenance">
      <header className="panel-head">
        <div>
          <h2 id="maintenance">{say.title}</h2>
          <p className="muted small">{say.lead}</p>
        </div>
        {mayChange && (
          <Button variant="default" size="xs" onClick={() => setAdding(true)}>
            {say.add}
          </Button>
        )}
      </header>
      <Loaded query={query} skeleton={<Bar width="100%" height={64} />}>
        {({ maintenance }) =>
          maintenance.length === 0 ? (
            <Notice title={say.none} next={say.noneNext} />
          ) : (
            <Rows maintenance={maintenance} names={names} {...(mayChange && { onRemove: remove })} />
          )
        }
      </Loaded>
      {adding && <AddMaintenance customerId={customerId} monitors={monitors} onClose={() => setAdding(false)} />}
      {removed && (
        <Undo
          key={removed.id}
          text={say.removed(removed.reason)}
          busy={undoing.isPending}
          onUndo={() => undoing.mutate(removed)}
          onGone={() => setRemoved(undefined)}
        />
      )}
    </section>
  );
}

interface RowsProps {
  maintenance: readonly Maintenance[];
  /** Of monitors, by id. */
  names: ReadonlyMap<string, string>;
  onRemove?(one: Maintenance): void;
}

function Rows({ maintenance, names, onRemove }: RowsProps) {
  return (
    <div className="scroll">
      <BlockTable
        columns={[say.why, say.when, say.of, say.who, onRemove !== undefined && { name: say.remove, isHidden: true }]}
      >
        {maintenance.map((one) => (
          <tr key={one.id}>
            <th scope="row" className="wrap">
              {one.reason}
            </th>
            <td data-label={say.when}>
              <When maintenance={one} />
            </td>
            <td data-label={say.of}>
              {one.monitorId === null ? say.all : (names.get(one.monitorId) ?? one.monitorId)}
            </td>
            <td data-label={say.who}>
              {one.addedBy}{' '}
              <span className="faint small">
                <Instant at={one.addedAt} precision="minutes" />
              </span>
            </td>
            {onRemove && (
              <td className="number act">
                <Button variant="default" size="compact-xs" onClick={() => onRemove(one)}>
                  {say.remove}
                  <span className="hidden"> {one.reason}</span>
                </Button>
              </td>
            )}
          </tr>
        ))}
      </BlockTable>
    </div>
  );
}

function When({ maintenance: { from, to, hours, timeZone } }: { maintenance: Maintenance }) {
  const now = Date.now();
  const standing = to < now ? say.over : from <= now && hours === null ? say.now : undefined;
  return (
    <>
      {hours !== null && <div>{say.weekly(hours, timeZone)}</div>}
      <Between from={from} to={to} {...(hours !== null && { className: 'muted small' })} />
      {standing && <span className="faint small"> {standing}</span>}
    </>
  );
}
