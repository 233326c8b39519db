import { Modal } from '@mantine/core';
import { useState } from 'react';
import type { RunDetail } from '../api/types.ts';
import { bytes } from '../format.ts';
import { words } from '../messages/messages.ts';
import { Icon } from './Icon.tsx';
import { useKey } from './keys.ts';
import { Notice } from './Notice.tsx';
import css from './Screenshot.module.css';

type Evidence = RunDetail['evidence'][number];

/** The page as the sentinel saw it when the run went wrong, or why there is no picture of it. */
export function Screenshot({ run }: { run: RunDetail }) {
  const shot = run.evidence.find((item) => item.kind === 'screenshot');
  return (
    <section className="panel" aria-labelledby="screenshot">
      <header className="panel-head">
        <h2 id="screenshot">{words.screenshot}</h2>
        {shot && (
          <a className={css.file} href={shot.url} target="_blank" rel="noreferrer">
            {words.openImage}
            <span className="faint">
              {sizeOf(shot)}
              {bytes(shot.bytes)}
            </span>
            <Icon name="open" size={14} />
          </a>
        )}
      </header>
      {shot ? (
        <Picture key={shot.url} shot={shot} alt={altOf(run)} />
      ) : (
        <Notice title={words.noScreenshot} next={whyNone(run)} />
      )}
    </section>
  );
}

function Picture({ shot, alt }: { shot: Evidence; alt: string }) {
  const [opened, setOpened] = useState(false);
  const [broken, setBroken] = useState(false);
  useKey('s', words.keyHelp.screenshot, () => setOpened(true), !broken);
  if (broken) return <Notice title={words.noScreenshot} next={words.screenshotOnItsWay} />;
  const size = shot.width && shot.height ? { width: shot.width, height: shot.height } : {};
  return (
    <>
      <button type="button" className={css.frame} aria-label={words.openScreenshot} onClick={() => setOpened(true)}>
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

function altOf(run: RunDetail): string {
  const wrong = run.transactions.find((t) => t.outcome === 'failed' || t.outcome === 'errored');
  return words.screenshotAlt(`${wrong?.name ?? run.monitor.name} ${run.outcome}`);
}

function sizeOf(shot: Evidence): string {
  return shot.width && shot.height ? `${shot.width} × ${shot.height} px, ` : '';
}

function whyNone(run: RunDetail): string {
  if (run.evidenceMissing) return run.evidenceMissing;
  return run.outcome === 'passed' || run.outcome === 'skipped' ? words.noScreenshotNeeded : words.screenshotOnItsWay;
}
