import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { overviewQuery } from '../api/queries.ts';
import type { Overview } from '../api/types.ts';
import { messages, stateWords, words } from '../messages/messages.ts';
import { BlockTable } from '../parts/BlockTable.tsx';
import { useKey } from '../parts/keys.ts';
import { Bar, Loaded } from '../parts/Loaded.tsx';
import { MaintenanceTable } from '../parts/MaintenanceTable.tsx';
import { Notice } from '../parts/Notice.tsx';
import { Shape } from '../parts/State.tsx';
import css from './Monitors.module.css';

const say = messages.monitors;

interface MonitorsProps {
  customerId: string;
  mayChange: boolean;
  mayPlan: boolean;
}

/** What is watched, and when it is under maintenance; authors make and change monitors from here. */
export function MonitorsPage({ customerId, mayChange, mayPlan }: MonitorsProps) {
  const query = useQuery(overviewQuery(customerId));
  const [, navigate] = useLocation();
  useKey('n', messages.keys.newMonitor, () => navigate(`/c/${customerId}/monitors/new`), mayChange);
  return (
    <div className="page">
      <title>{`${say.title} · ${words.product}`}</title>
      <div className="page-head">
        <div>
          <h1>{say.title}</h1>
          <p className="muted">{say.lead}</p>
        </div>
        {mayChange && (
          <Button component={Link} href={`/c/${customerId}/monitors/new`}>
            {say.add}
          </Button>
        )}
      </div>
      <Loaded query={query} skeleton={<Skeleton />}>
        {({ monitors }) => (
          <div className={css.stack}>
            <section className="panel" aria-label={say.title}>
              {monitors.length === 0 ? (
                <Notice title={say.none} next={mayChange ? say.noneNext : say.noneNextViewer} />
              ) : (
                <List customerId={customerId} monitors={monitors} mayChange={mayChange} />
              )}
            </section>
            <MaintenanceTable customerId={customerId} monitors={monitors} mayChange={mayPlan} />
          </div>
        )}
      </Loaded>
    </div>
  );
}

interface ListProps {
  customerId: string;
  monitors: Overview['monitors'];
  mayChange: boolean;
}

function List({ customerId, monitors, mayChange }: ListProps) {
  const byName = monitors.toSorted((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  return (
    <div className="scroll">
      <BlockTable
        columns={[say.name, say.state, say.script, say.tags, mayChange && { name: say.change, isHidden: true }]}
      >
        {byName.map(({ id, name, state, script, tags }) => (
          <tr key={id}>
            <th scope="row" className={css.name}>
              <Link href={`/c/${customerId}/monitors/${id}`}>{name}</Link>
            </th>
            <td data-label={say.state}>
              <span className={css.state}>
                <Shape kind={state} size={10} /> {stateWords[state]}
              </span>
            </td>
            <td data-label={say.script} className={css.script}>
              {script}
            </td>
            <td {...(tags.length > 0 && { 'data-label': say.tags })}>
              <ul className={css.tags}>
                {tags.map((tag) => (
                  <li key={tag}>{tag}</li>
                ))}
              </ul>
            </td>
            {mayChange && (
              <td className="number act">
                <Link className={css.change ?? ''} href={`/c/${customerId}/monitors/${id}/settings`}>
                  {say.change}
                  <span className="hidden"> {name}</span>
                </Link>
              </td>
            )}
          </tr>
        ))}
      </BlockTable>
    </div>
  );
}

function Skeleton() {
  return (
    <div className={`panel ${css.skeleton}`}>
      {[240, 200, 260, 220].map((width) => (
        <Bar key={width} width={width} height={16} />
      ))}
    </div>
  );
}
