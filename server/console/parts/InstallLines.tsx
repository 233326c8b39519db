import { Button } from '@mantine/core';
import { useState } from 'react';
import type { NewCode } from '../api/types.ts';
import { sentinelWords as say } from '../messages/messages.ts';
import { Choice } from './Choice.tsx';
import { CopyLine } from './CopyLine.tsx';
import css from './Dialog.module.css';
import { Instant } from './Instant.tsx';

type Platform = 'unix' | 'windows' | 'installed';

const hows: Record<Platform, string> = { unix: say.unixHow, windows: say.windowsHow, installed: say.installedHow };

/** The line for each platform with the code in it, shown this once. */
export function InstallLines({ made, onDone }: { made: NewCode; onDone(): void }) {
  const { code, enrol, install, uses, location, expiresAt } = made;
  const [platform, setPlatform] = useState<Platform>(install ? 'unix' : 'installed');
  const line = install && platform !== 'installed' ? install[platform] : enrol;
  return (
    <div className={css.stack}>
      <p>
        {say.shownOnce(uses, location)} {say.validUntil} <Instant at={expiresAt} precision="minutes" />.
      </p>
      {install && (
        <div className={css.start}>
          <Choice<Platform>
            name={say.platform}
            chosen={platform}
            options={[
              ['unix', say.unix],
              ['windows', say.windows],
              ['installed', say.installed],
            ]}
            onPick={setPlatform}
          />
        </div>
      )}
      <div className={css.field}>
        <p className={css.hint}>{install ? hows[platform] : say.noPackages}</p>
        <CopyLine key={platform} text={line} label={say.made} />
      </div>
      <div className={css.field}>
        <p className={css.hint}>{say.code}</p>
        <CopyLine text={code} label={say.code} />
      </div>
      <p className="muted">{say.waitingFor}</p>
      <div className={css.buttons}>
        <Button onClick={onDone}>{say.done}</Button>
      </div>
    </div>
  );
}
