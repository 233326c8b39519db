import { Button, Modal, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { removeOwnFactor, renewRecoveryCodes } from '../api/account-queries.ts';
import type { Session } from '../api/types.ts';
import { accountWords as say, words } from '../messages/messages.ts';
import { FactorSetUp } from './FactorSetUp.tsx';
import css from './Form.module.css';
import { HiddenName } from './PasswordForm.tsx';
import { Problem } from './Problem.tsx';
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
          {doing === 'remove' && <Remove name={user.name} onDone={stop} />}
          {doing === 'renew' && <Renew name={user.name} onDone={stop} />}
        </Modal>
      )}
    </section>
  );
}

function Remove({ name, onDone }: { name: string; onDone(): void }) {
  const form = useSubmit((field) => removeOwnFactor(field('password'), field('code')).then(onDone));
  return <WithCode name={name} form={form} text={say.removeText} action={say.remove} />;
}

function Renew({ name, onDone }: { name: string; onDone(): void }) {
  const [codes, setCodes] = useState<string[]>();
  const form = useSubmit(async (field) => setCodes(await renewRecoveryCodes(field('password'), field('code'))));
  if (codes) return <RecoveryCodes codes={codes} onKept={onDone} />;
  return <WithCode name={name} form={form} text={say.renewText} action={say.renewCodes} />;
}

interface WithCodeProps {
  name: string;
  form: ReturnType<typeof useSubmit>;
  text: string;
  action: string;
}

function WithCode({ name, form: { problem, busy, onSubmit }, text, action }: WithCodeProps) {
  return (
    <form className={css.form} onSubmit={onSubmit}>
      <Problem text={problem} />
      <p>{text}</p>
      <HiddenName name={name} />
      <PasswordInput
        name="password"
        label={say.current}
        autoComplete="current-password"
        required
        withAsterisk={false}
        data-autofocus
      />
      <TextInput
        name="code"
        label={say.code}
        description={say.codeHint}
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
        required
        withAsterisk={false}
      />
      <Button type="submit" loading={busy} className={css.start ?? ''}>
        {action}
      </Button>
    </form>
  );
}
