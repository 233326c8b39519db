import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { targetsQuery } from '../api/report-queries.ts';
import type { TargetSubject, Targets } from '../api/types.ts';
import { duration, instant, share } from '../format.ts';
import { messages, words as product } from '../messages/messages.ts';
import { BlockTable } from '../parts/BlockTable.tsx';
import { zone } from '../parts/Instant.tsx';
import { Bar, Loaded } from '../parts/Loaded.tsx';
import { Notice } from '../parts/Notice.tsx';
import { LogoPanel } from '../parts/report/LogoPanel.tsx';
import { TargetDialog } from '../parts/report/TargetDialog.tsx';
import css from './Targets.module.css';

const { empty, ...reports } = messages.reports;
const words = reports.targetsPage;

/** A subject of a target: a transaction of a monitor, or its whole runs. */
interface Chosen {
  monitorId: string;
  name: string;
  subject: TargetSubject;
}

/** What reports measure against, and what heads them; authors and administrators change it here. */
export function TargetsPage({ customerId, mayChange }: { customerId: string; mayChange: boolean }) {
  const query = useQuery(targetsQuery(customerId));
  const [chosen, setChosen] = useState<Chosen>();
  return (
    <div className="page">
      <title>{`${words.title} · ${product.product}`}</title>
      <div className="page-head">
        <div>
          <p>
            <Link href={`/c/${customerId}/reports`}>{words.toReports}</Link>
          </p>
          <h1>{words.title}</h1>
          <p className="muted">{words.lead}</p>
        </div>
      </div>
      <Loaded query={query} skeleton={<Skeleton />}>
        {({ monitors, logo }) => (
          <div className={css.stack}>
            {monitors.length === 0 ? (
              <div className="panel">
                <Notice title={empty.noMonitors} next={empty.noMonitorsNext} />
              </div>
            ) : (
              monitors.map((monitor) => (
                <MonitorTargets key={monitor.id} monitor={monitor} {...(mayChange && { onChoose: setChosen })} />
              ))
            )}
            {(mayChange || logo !== null) && <LogoPanel customerId={customerId} logo={logo} mayChange={mayChange} />}
          </div>
        )}
      </Loaded>
      {chosen && <TargetDialog customerId={customerId} {...chosen} onClose={() => setChosen(undefined)} />}
    </div>
  );
}

function MonitorTargets(props: { monitor: Targets['monitors'][number]; onChoose?: (chosen: Chosen) => void }) {
  const { monitor, onChoose } = props;
  return (
    <section className="panel" aria-label={monitor.name}>
      <header className="panel-head">
        <h2 className={css.monitor}>{monitor.name}</h2>
      </header>
      <BlockTable
        className={css.table}
        columns={[
          reports.columns.transaction,
          reports.columns.availability,
          reports.columns.p95Us,
          words.hours,
          words.changed,
          onChoose !== undefined && { name: words.change, isHidden: true },
        ]}
      >
        {monitor.transactions.map((subject) => (
          <Row key={subject.transaction} subject={subject}>
            {onChoose && (
              <td className="act number">
                <Button
                  variant="subtle"
                  size="compact-xs"
                  aria-label={`${subject.target ? words.change : words.set} ${subject.transaction ?? reports.wholeRuns}`}
                  onClick={() => onChoose({ monitorId: monitor.id, name: monitor.name, subject })}
                >
                  {subject.target ? words.change : words.set}
                </Button>
              </td>
            )}
          </Row>
        ))}
      </BlockTable>
    </section>
  );
}

function Row({ subject, children }: { subject: TargetSubject; children: React.ReactNode }) {
  const { transaction, target } = subject;
  const hours = target?.hours === 'business' ? reports.businessHours : reports.allHours;
  const who = target && words.by(target.changedBy, instant(target.changedAt, zone, Date.now(), 'minutes'));
  return (
    <tr>
      <th scope="row" className={css.name}>
        {transaction ?? <span className="muted">{reports.wholeRuns}</span>}
      </th>
      <td data-label={reports.columns.availability}>
        {target?.availability == null ? words.none : reports.atLeast(share(target.availability))}
      </td>
      <td data-label={reports.columns.p95Us}>
        {target?.p95Us == null ? words.none : reports.atMost(duration(target.p95Us))}
      </td>
      <td data-label={words.hours}>{target ? hours : words.none}</td>
      <td data-label={words.changed} className="faint small">
        {who ?? words.none}
      </td>
      {children}
    </tr>
  );
}

function Skeleton() {
  return (
    <div className={css.stack}>
      {[1, 2].map((n) => (
        <div key={n} className={`panel ${css.skeleton}`}>
          {[200, 260, 220].map((width) => (
            <Bar key={width} width={width} height={16} />
          ))}
        </div>
      ))}
    </div>
  );
}
