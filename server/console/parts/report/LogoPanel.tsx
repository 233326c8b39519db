import { Button } from '@mantine/core';
import { useRef, useState } from 'react';
import { setLogo } from '../../api/report-queries.ts';
import { explain } from '../../explain.ts';
import { messages } from '../../messages/messages.ts';
import { Problem } from '../Problem.tsx';
import css from './LogoPanel.module.css';

const words = messages.reports.targetsPage;

/** The picture that heads reports. */
export function LogoPanel(props: { customerId: string; logo: string | null; mayChange: boolean }) {
  const { customerId, logo, mayChange } = props;
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const put = async (picture: File | null) => {
    setBusy(true);
    setProblem(undefined);
    await setLogo(customerId, picture).catch((error: unknown) => setProblem(explain(error)));
    setBusy(false);
  };
  return (
    <section className="panel" aria-labelledby="logo">
      <header className="panel-head">
        <h2 id="logo">{words.logo}</h2>
      </header>
      <div className={css.body}>
        <Problem text={problem} />
        {logo && <img className={css.logo} src={logo} alt={words.logo} />}
        <p className="muted">{words.logoLead}</p>
        {mayChange && (
          <div className={css.acts}>
            <input
              ref={input}
              type="file"
              hidden
              accept="image/png,image/jpeg,image/webp"
              aria-label={words.chooseLogo}
              onChange={(event) => {
                const [picture] = event.currentTarget.files ?? [];
                if (picture) void put(picture);
                event.currentTarget.value = '';
              }}
            />
            <Button variant="default" size="xs" loading={busy} onClick={() => input.current?.click()}>
              {words.chooseLogo}
            </Button>
            {logo && (
              <Button variant="subtle" size="xs" disabled={busy} onClick={() => void put(null)}>
                {words.removeLogo}
              </Button>
            )}
          </div>
        )}
      </div>
    </section>
  );
}
