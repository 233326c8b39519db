import { Modal } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import type { RunDetail } from '../api/types.ts';
import { bytes } from '../format.ts';
import { words } from '../messages/messages.ts';
import { whyNoScreenshot } from '../why-no-screenshot.ts';
import { Icon } from './Icon.tsx';
import { Instant } from './Instant.tsx';
import { useKey } from './keys.ts';
import { Notice } from './Notice.tsx';
import css from './Screenshot.module.css';

type Shot = Pick<RunDetail['evidence'][number], 'url' | 'bytes' | 'width' | 'height'>;

/** Whether the run's picture stands beside one of the transaction that went wrong, or the words why there is none. */
export function isCompared({ passedPicture, noPassedPicture }: RunDetail): boolean {
  return passedPicture !== null || noPassedPicture !== null;
}

/** The page as the sentinel saw it when the run went wrong, or why there is no picture of it; beside it when it last went well. */
export function Screenshot({ run, customerId }: { run: RunDetail; customerId: string }) {
  const shot = run.evidence.find((item) => item.kind === 'screenshot');
  const own = shot ? (
    <Picture
      key={shot.url}
      shot={shot}
      alt={altOf(run)}
      open={words.openScreenshot}
      ifGone={words.screenshotOnItsWay}
      withKey
    />
  ) : (
    <Notice title={words.noScreenshot} next={whyNoScreenshot(run)} />
  );
  return (
    <section className="panel" aria-labelledby="screenshot">
      <header className="panel-head">
        <h2 id="screenshot">{words.screenshot}</h2>
        {shot && !isCompared(run) && <AsFile shot={shot} />}
      </header>
      {isCompared(run) ? (
        <div className={css.compared}>
          <Side title={words.screenshotWrong} at={run.startedAt} place={run.sentinel} shot={shot}>
            {own}
          </Side>
          <Passed run={run} customerId={customerId} />
        </div>
      ) : (
        own
      )}
    </section>
  );
}

function Passed({ run, customerId }: { run: RunDetail; customerId: string }) {
  const { passedPicture: shot, noPassedPicture: why } = run;
  const transaction = wrongOf(run)?.name ?? run.monitor.name;
  if (shot) {
    const place = { name: shot.sentinel, location: shot.location };
    const href = `/c/${customerId}/runs/${shot.runId}`;
    return (
      <Side title={words.screenshotPassed(transaction)} at={shot.takenAt} place={place} href={href} shot={shot}>
        <Picture
          key={shot.url}
          shot={shot}
          alt={words.screenshotAlt(`${transaction} passed`)}
          open={words.openPassedScreenshot}
          ifGone={words.passedScreenshotGone}
        />
      </Side>
    );
  }
  return (
    <Side title={words.screenshotPassed(transaction)}>
      {why && <Notice title={words.noPassedPicture} next={words.noPassedPictureWhy[why]} />}
    </Side>
  );
}

interface SideProps {
  title: string;
  at?: number;
  place?: { name: string; location: string };
  /** The run it is from, if that is another. */
  href?: string;
  shot?: Shot | undefined;
  children: ReactNode;
}

function Side({ title, at, place, href, shot, children }: SideProps) {
  return (
    <figure className={css.side}>
      <figcaption>
        <strong>{title}</strong>
        {at !== undefined && place && (
          <span className="muted small">
            {href === undefined ? (
              <Instant at={at} />
            ) : (
              <Link href={href}>
                <Instant at={at} />
              </Link>
            )}
            {' · '}
            {words.pictureTakenAt(place.location, place.name)}
          </span>
        )}
        {shot && <AsFile shot={shot} />}
      </figcaption>
      {children}
    </figure>
  );
}

function AsFile({ shot }: { shot: Shot }) {
  return (
    <a className={css.file} href={shot.url} target="_blank" rel="noreferrer">
      {words.openImage}
      <span className="faint">
        {sizeOf(shot)}
        {bytes(shot.bytes)}
      </span>
      <Icon name="open" size={14} />
    </a>
  );
}

interface PictureProps {
  shot: Shot;
  alt: string;
  /** What the button does that it is. */
  open: string;
  /** What is said where it does not load. */
  ifGone: string;
  /** Whether a key opens it too. */
  withKey?: boolean;
}

function Picture({ shot, alt, open, ifGone, withKey = false }: PictureProps) {
  const [opened, setOpened] = useState(false);
  const [broken, setBroken] = useState(false);
  useKey('s', words.keyHelp.screenshot, () => setOpened(true), withKey && !broken);
  if (broken) return <Notice title={words.noScreenshot} next={ifGone} />;
  const size = shot.width && shot.height ? { width: shot.width, height: shot.height } : {};
  return (
    <>
      <button type="button" className={css.frame} aria-label={open} onClick={() => setOpened(true)}>
        <img src={shot.url} alt={alt} {...size} onError={() => setBroken(true)} />
      </button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={words.screenshot}
        size="auto"
        padding={12}
        yOffset={24}
        xOffset={24}
        closeButtonProps={{ 'aria-label': words.close }}
      >
        <img className={css.large} src={shot.url} alt={alt} {...size} />
      </Modal>
    </>
  );
}

function wrongOf({ transactions }: RunDetail): RunDetail['transactions'][number] | undefined {
  return transactions.find((t) => t.outcome === 'failed' || t.outcome === 'errored');
}

function altOf(run: RunDetail): string {
  return words.screenshotAlt(`${wrongOf(run)?.name ?? run.monitor.name} ${run.outcome}`);
}

function sizeOf(shot: Shot): string {
  return shot.width && shot.height ? `${shot.width} × ${shot.height} px, ` : '';
}
