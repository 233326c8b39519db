import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { addToken } from '../api/access-queries.ts';
import type { NewToken, Scope } from '../api/types.ts';
import { Unfit } from '../explain.ts';
import { accessWords as say, scopeMeaning, type TokenLife, tokenLives } from '../messages/messages.ts';
import { CopyLine } from './CopyLine.tsx';
import css from './Dialog.module.css';
import { DialogButtons } from './DialogButtons.tsx';
import { MakeDialog } from './MakeDialog.tsx';
import { Problem } from './Problem.tsx';
import { useSubmit } from './use-submit.ts';

interface AddTokenProps {
  customerId: string;
  /** All that it can be for. */
  scopes: readonly Scope[];
  onClose(): void;
}

/** Asks what a token is for and what it can do, makes it, and shows it this once. */
export function AddToken({ customerId, scopes, onClose }: AddTokenProps) {
  return (
    <MakeDialog<NewToken>
      title={(made) => (made ? say.madeToken : say.addToken)}
      size="xl"
      wish={(onMade) => <Wish customerId={customerId} scopes={scopes} onMade={onMade} />}
      shown={(made) => <Made customerId={customerId} made={made} onDone={onClose} />}
      onClose={onClose}
    />
  );
}

function Wish(props: { customerId: string; scopes: readonly Scope[]; onMade(made: NewToken): void }) {
  const { customerId, scopes, onMade } = props;
  const { problem, busy, onSubmit } = useSubmit(async (field) => {
    const name = field('name').trim();
    const scope = scopes.filter((one) => field(one) !== '');
    if (name === '') throw new Unfit(say.tokenNameMissing);
    if (scope.length === 0) throw new Unfit(say.scopeMissing);
    onMade(await addToken(customerId, { name, scope, lifeMs: tokenLives[field('life') as TokenLife] }));
  });
  return (
    <form className={css.stack} onSubmit={onSubmit} noValidate>
      <Problem text={problem} />
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
      <DialogButtons action={say.make} busy={busy} />
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
