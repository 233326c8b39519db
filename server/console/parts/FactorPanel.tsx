import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import { removeOwnFactor, renewRecoveryCodes } from '../api/account-queries.ts';
import type { Session } from '../api/types.ts';
import { accountWords as say, words } from '../messages/messages.ts';
import { FactorSetUp } from './FactorSetUp.tsx';
import css from './Form.module.css';
import { Problem } from './Problem.tsx';
import { ProofFields } from './ProofFields.tsx';
import { RecoveryCodes } from './RecoveryCodes.tsx';
import { useSubmit } from './use-submit.ts';

type Doing = 'begin' | 'remove' | 'renew';
const titles = { begin: say.factor, remove: say.removeTitle, renew: say.renewTitle };

/** Whether there is a second factor, and what can be done about it. */
export function FactorPanel({ user }: { user: Session['user'] }) {
  const [doing, setDoing] = useState<Doing>();
  const stop = () => setDoing(undefined);
  return (
    <section className="panel" aria-labelledby="factor">
      <header className="panel-head">
        <h2 id="factor">{say.factor}</h2>
        <div className={css.buttons}>
          {user.hasSecondFactor ? (
            <>
              <Button variant="default" size="xs" onClick={() => setDoing('renew')}>
                {say.renewCodes}
              </Button>
              <Button variant="default" size="xs" onClick={() => setDoing('remove')}>
                {say.remove}
              </Button>
            </>
          ) : (
            <Button size="xs" onClick={() => setDoing('begin')}>
              {say.begin}
            </Button>
          )}
        </div>
      </header>
      <p className={css.body}>
        {user.hasSecondFactor ? `${say.factorOn} ${say.codesLeft(user.recoveryCodesLeft)}` : say.factorOff}
      </p>
      {doing && (
        <Modal
          opened
          onClose={stop}
          title={titles[doing]}
          closeOnClickOutside={false}
          closeButtonProps={{ 'aria-label': words.close }}
        >
          {doing === 'begin' && <FactorSetUp name={user.name} onDone={stop} />}
          {doing === 'remove' && <Remove onDone={stop} />}
          {doing === 'renew' && <Renew onDone={stop} />}
        </Modal>
      )}
    </section>
  );
}

function Remove({ onDone }: { onDone(): void }) {
  const form = useSubmit((field) => removeOwnFactor(field('password'), field('code')).then(onDone));
  return <WithCode form={form} text={say.removeText} action={say.remove} />;
}

function Renew({ onDone }: { onDone(): void }) {
  const [codes, setCodes] = useState<string[]>();
  const form = useSubmit(async (field) => setCodes(await renewRecoveryCodes(field('password'), field('code'))));
  if (codes) return <RecoveryCodes codes={codes} onKept={onDone} />;
  return <WithCode form={form} text={say.renewText} action={say.renewCodes} />;
}

interface WithCodeProps {
  form: ReturnType<typeof useSubmit>;
  text: string;
  action: string;
}

function WithCode({ form: { problem, busy, onSubmit }, text, action }: WithCodeProps) {
  return (
    <form className={css.form} onSubmit={onSubmit}>
      <Problem text={problem} />
      <p>{text}</p>
      <ProofFields />
      <Button type="submit" loading={busy} className={css.start ?? ''}>
        {action}
      </Button>
    </form>
  );
}
