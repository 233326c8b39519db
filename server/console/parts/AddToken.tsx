import { Button, Checkbox, Modal, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { say, scopeMeaning, type TokenLife, tokenLives } from '../access-words.ts';
import { addToken } from '../api/access-queries.ts';
import type { NewToken, Scope } from '../api/types.ts';
import { words } from '../words.ts';
import { explain } from './Confirm.tsx';
import { CopyLine } from './CopyLine.tsx';
import css from './Dialog.module.css';

interface AddTokenProps {
  customerId: string;
  /** All that it can be for. */
  scopes: readonly Scope[];
  onClose(): void;
}

/** Asks what a token is for and what it can do, makes it, and shows it this once. */
export function AddToken({ customerId, scopes, onClose }: AddTokenProps) {
  const [made, setMade] = useState<NewToken>();
  return (
    <Modal
      opened
      onClose={onClose}
      title={made ? say.madeToken : say.addToken}
      size={made ? 'xl' : 'md'}
      closeOnClickOutside={!made}
      closeButtonProps={{ 'aria-label': words.close }}
    >
      {made ? (
        <Made customerId={customerId} made={made} onDone={onClose} />
      ) : (
        <Wish customerId={customerId} scopes={scopes} onMade={setMade} />
      )}
    </Modal>
  );
}

function Wish(props: { customerId: string; scopes: readonly Scope[]; onMade(made: NewToken): void }) {
  const { customerId, scopes, onMade } = props;
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const name = String(form.get('name')).trim();
    const scope = scopes.filter((one) => form.has(one));
    if (name === '') return setProblem(say.tokenNameMissing);
    if (scope.length === 0) return setProblem(say.scopeMissing);
    setBusy(true);
    const wish = { name, scope, lifeMs: tokenLives[String(form.get('life')) as TokenLife] };
    await addToken(customerId, wish).then(onMade, (error: unknown) => {
      setProblem(explain(error));
      setBusy(false);
    });
  };
  return (
    <form className={css.stack} onSubmit={(event) => void submit(event)} noValidate>
      {problem && (
        <p role="alert" className={css.problem}>
          {problem}
        </p>
      )}
      <div className={css.field}>
        <TextInput name="name" label={say.tokenName} maxLength={100} data-autofocus w="100%" />
        <p className={css.hint}>{say.tokenNameHint}</p>
      </div>
      <fieldset className={css.choices}>
        <legend className={css.label}>{say.scope}</legend>
        {scopes.map((scope) => (
          <Checkbox
            key={scope}
            name={scope}
            label={scope}
            description={scopeMeaning(scope)}
            defaultChecked={scope === 'read'}
          />
        ))}
      </fieldset>
      <NativeSelect name="life" label={say.life} data={Object.keys(tokenLives)} defaultValue="90 days" />
      <div className={css.buttons}>
        <Button type="submit" loading={busy}>
          {say.make}
        </Button>
      </div>
    </form>
  );
}

function Made({ customerId, made, onDone }: { customerId: string; made: NewToken; onDone(): void }) {
  const address = `${location.origin}/api/v1/customers/${customerId}/monitors`;
  const line = `curl --cacert vedette-authority.pem -H 'Authorization: Bearer ${made.text}' ${address}`;
  return (
    <div className={css.stack}>
      <p>{say.shownOnce}</p>
      <div className={css.field}>
        <p className={css.hint}>{say.token}</p>
        <CopyLine text={made.text} label={say.token} />
      </div>
      {made.scope.includes('read') && (
        <div className={css.field}>
          <p className={css.hint}>{say.tryItHow}</p>
          <CopyLine text={line} label={say.tryIt} />
        </div>
      )}
      <div className={css.buttons}>
        <Button onClick={onDone}>{say.done}</Button>
      </div>
    </div>
  );
}
