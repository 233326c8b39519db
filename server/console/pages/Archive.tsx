import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { archiveQuery } from '../api/archive-queries.ts';
import type { Archive, ArchiveMonth } from '../api/types.ts';
import { utcDay, utcMonth } from '../archive-words.ts';
import { messages, words as product } from '../messages/messages.ts';
import { ArchiveKeys } from '../parts/archive/ArchiveKeys.tsx';
import { ArchiveMonths } from '../parts/archive/ArchiveMonths.tsx';
import { ArchiveSettingsPanel } from '../parts/archive/ArchiveSettings.tsx';
import { GiveBack } from '../parts/archive/GiveBack.tsx';
import { RestoreMonth } from '../parts/archive/RestoreMonth.tsx';
import { WaitingKey } from '../parts/archive/WaitingKey.tsx';
import { Loaded } from '../parts/Loaded.tsx';
import { Notice } from '../parts/Notice.tsx';
import { useSaid } from '../parts/parameter.ts';
import { ListSkeleton } from '../parts/Skeletons.tsx';
import css from './Archive.module.css';

const words = messages.archive;

interface ArchivePageProps {
  customerId: string;
  mayChange: boolean;
  mayKeep: boolean;
}

/** A customer's archive: its months and what became of them, its keys, and how long everything stays. */
export function ArchivePage({ customerId, mayChange, mayKeep }: ArchivePageProps) {
  const query = useQuery(archiveQuery(customerId));
  const chosen = useSaid('month');
  const [restoring, setRestoring] = useState<ArchiveMonth>();
  const [giving, setGiving] = useState<ArchiveMonth>();
  return (
    <div className="page">
      <title>{`${words.title} · ${product.product}`}</title>
      <div className="page-head">
        <div>
          <h1>{words.title}</h1>
          <p className="muted">{words.lead}</p>
        </div>
      </div>
      <Loaded query={query} skeleton={<ListSkeleton />}>
        {(archive) => (
          <div className={css.stack}>
            {mayKeep &&
              archive.keys
                .filter((key) => key.waits)
                .map((key) => (
                  <WaitingKey
                    key={key.recipient}
                    customerId={customerId}
                    archiveKey={key}
                    loss={archive.lossExplained}
                  />
                ))}
            <Missing archive={archive} />
            <section className="panel" aria-labelledby="months">
              <header className="panel-head">
                <h2 id="months">{words.months}</h2>
                <p className="muted small">
                  <Next archive={archive} />
                </p>
              </header>
              {archive.months.length === 0 ? (
                <Notice title={words.empty} next={words.emptyNext(archive.settings.monthsLive)} />
              ) : (
                <ArchiveMonths
                  customerId={customerId}
                  months={archive.months}
                  chosen={chosen}
                  {...(mayChange && { onRestore: setRestoring, onGiveBack: setGiving })}
                />
              )}
            </section>
            <ArchiveSettingsPanel customerId={customerId} settings={archive.settings} mayChange={mayChange} />
            <ArchiveKeys customerId={customerId} keys={archive.keys} loss={archive.lossExplained} mayKeep={mayKeep} />
          </div>
        )}
      </Loaded>
      {restoring && (
        <RestoreMonth
          customerId={customerId}
          month={restoring.month}
          hasCopy={query.data?.keys.some((key) => key.copyKept) ?? false}
          onClose={() => setRestoring(undefined)}
        />
      )}
      {giving && <GiveBack customerId={customerId} month={giving.month} onClose={() => setGiving(undefined)} />}
    </div>
  );
}

/** What is in the way of anything going into the archive. */
function Missing({ archive }: { archive: Archive }) {
  const inUse = archive.keys.some((key) => key.retiredAt === null);
  const said = [
    ...(archive.hasStore ? [] : [[words.noStore, words.noStoreNext]]),
    ...(inUse ? [] : [[words.noKey, words.noKeyNext]]),
  ];
  return said.map(([what, next]) => (
    <p key={what} role="note" className={`panel ${css.note}`}>
      <strong>{what}</strong> <span className="muted">{next}</span>
    </p>
  ));
}

function Next({ archive: { next, drill } }: { archive: Archive }) {
  const verdict = drill?.fault == null ? words.drillGood(drill?.piece ?? '') : words.drillBad(drill.piece, drill.fault);
  return (
    <>
      {next ? words.next(utcMonth(next.month), utcDay(next.at)) : words.nextNone}
      {' · '}
      <span className={drill?.fault == null ? undefined : css.bad}>
        {drill ? `${verdict} (${utcDay(drill.at)})` : words.noDrill}
      </span>
    </>
  );
}
