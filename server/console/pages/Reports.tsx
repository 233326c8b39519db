import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation, useSearch } from 'wouter';
import { ApiError } from '../api/client.ts';
import { serviceReportQuery } from '../api/report-queries.ts';
import { explain } from '../explain.ts';
import { messages, words as product } from '../messages/messages.ts';
import { Icon } from '../parts/Icon.tsx';
import { Bar, Loaded } from '../parts/Loaded.tsx';
import { Notice } from '../parts/Notice.tsx';
import { ReportChoice } from '../parts/report/ReportChoice.tsx';
import { ReportExport } from '../parts/report/ReportExport.tsx';
import { ReportSheet } from '../parts/report/ReportSheet.tsx';
import { type ReportWish, readWish, writeWish } from '../report-address.ts';
import css from './Reports.module.css';

const words = messages.reports;

/** A report to read, to print and to take away; what is shown is in the address. */
export function ReportsPage({ customerId }: { customerId: string }) {
  const wish = readWish(useSearch());
  const [path, navigate] = useLocation();
  const query = useQuery(serviceReportQuery(customerId, wish));
  const choose = (other: Partial<ReportWish>) => navigate(path + writeWish({ ...wish, ...other }));
  const refused = query.error instanceof ApiError && query.error.status === 400 ? query.error : undefined;
  return (
    <div className="page">
      <title>{`${words.templates[wish.template].name} · ${product.product}`}</title>
      <div className={`page-head ${css.aside}`}>
        <div>
          <h1>{words.title}</h1>
          <p className="muted">{words.templates[wish.template].lead}</p>
        </div>
        <div className={css.acts}>
          <Button
            component={Link}
            href={`/c/${customerId}/targets`}
            variant="default"
            size="xs"
            leftSection={<Icon name="target" size={14} />}
          >
            {words.targets}
          </Button>
          <ReportExport
            customerId={customerId}
            wish={wish}
            disabled={query.data === undefined || refused !== undefined}
          />
        </div>
      </div>
      <ReportChoice wish={wish} report={query.data} onChoose={choose} />
      {refused ? (
        <div className="panel" role="alert">
          <Notice title={words.refused} next={explain(refused)}>
            <Button variant="default" size="xs" onClick={() => choose({ period: undefined, monitors: [] })}>
              {words.usual}
            </Button>
          </Notice>
        </div>
      ) : (
        <Loaded query={query} skeleton={<Skeleton />}>
          {(report) =>
            report.monitors.some(({ chosen }) => chosen) ? (
              <ReportSheet report={report} generatedAt={query.dataUpdatedAt} />
            ) : (
              <Empty isNew={report.monitors.length === 0} />
            )
          }
        </Loaded>
      )}
    </div>
  );
}

function Empty({ isNew }: { isNew: boolean }) {
  const { noMonitors, noMonitorsNext, noneChosen, noneChosenNext } = words.empty;
  return (
    <div className="panel">
      <Notice title={isNew ? noMonitors : noneChosen} next={isNew ? noMonitorsNext : noneChosenNext} />
    </div>
  );
}

function Skeleton() {
  return (
    <div className={`panel ${css.skeleton}`}>
      <Bar width={180} height={16} />
      <Bar width={320} height={36} />
      <div className={css.figures}>
        {[1, 2, 3, 4].map((n) => (
          <Bar key={n} width="100%" height={72} />
        ))}
      </div>
      {[1, 2, 3, 4, 5, 6].map((n) => (
        <Bar key={n} width="100%" height={24} />
      ))}
    </div>
  );
}
