import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { addCustomer, databaseServersQuery } from '../api/access-queries.ts';
import { ApiError } from '../api/client.ts';
import type { NewCustomer } from '../api/types.ts';
import { explain, Unfit } from '../explain.ts';
import { messages } from '../messages/messages.ts';
import css from './Dialog.module.css';
import { DialogButtons } from './DialogButtons.tsx';
import { zone } from './Instant.tsx';
import { MakeDialog } from './MakeDialog.tsx';
import { Problem } from './Problem.tsx';
import { ProofFields, proofOf } from './ProofFields.tsx';
import { useSubmit } from './use-submit.ts';

const say = messages.customers;
const zones = [...new Set([zone, 'UTC', ...Intl.supportedValuesOf('timeZone')])];

interface AddCustomerProps {
  /** To add the first user of the customer that was made. */
  onGoOn(customer: NewCustomer): void;
  onClose(): void;
}

/** Asks what a customer is called and where it is, adds it, and says what comes next. */
export function AddCustomer({ onGoOn, onClose }: AddCustomerProps) {
  return (
    <MakeDialog<NewCustomer>
      title={(made) => (made ? say.added(made.name) : say.add)}
      size="lg"
      wish={(onMade) => <Wish onMade={onMade} />}
      shown={(made) => <Added onGoOn={() => onGoOn(made)} onLater={onClose} />}
      onClose={onClose}
    />
  );
}

function Wish({ onMade }: { onMade(made: NewCustomer): void }) {
  const servers = useQuery(databaseServersQuery).data?.databaseServers ?? [];
  const { problem, faultOf, busy, onSubmit } = useSubmit(async (field) => {
    const [name, databaseServer] = [field('name').trim(), field('databaseServer')];
    if (name === '') throw new Unfit(say.nameMissing, 'name');
    const wish = { name, timeZone: field('timeZone'), databaseServer: databaseServer === '' ? null : databaseServer };
    onMade(await addCustomer({ ...wish, ...proofOf(field) }).catch(whereItIs(servers.length > 0)));
  });
  return (
    <form className={css.stack} onSubmit={onSubmit} noValidate>
      <Problem text={problem} />
      <TextInput
        name="name"
        label={say.name}
        description={say.nameHint}
        error={faultOf('name')}
        maxLength={200}
        autoComplete="off"
        data-autofocus
      />
      <NativeSelect
        name="timeZone"
        label={say.timeZone}
        description={say.timeZoneHint}
        data={zones}
        defaultValue={zone}
      />
      {servers.length > 0 && (
        <NativeSelect
          name="databaseServer"
          label={say.databaseServer}
          error={faultOf('databaseServer')}
          data={[
            { value: '', label: say.besideRegistry },
            ...servers.map(({ name, address }) => ({ value: name, label: say.server(name, address) })),
          ]}
        />
      )}
      <ProofFields />
      <DialogButtons action={say.add} busy={busy} meanwhile={say.busy} />
    </form>
  );
}

/** What the server refuses, said at the field that it is about. */
function whereItIs(hasServers: boolean): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === 'NAME_TAKEN') throw new Unfit(explain(error), 'name');
    if (error.code !== 'DATABASE_UNUSABLE') throw error;
    throw new Unfit(say.databaseUnusable(error.detail), hasServers ? 'databaseServer' : undefined);
  };
}

function Added({ onGoOn, onLater }: { onGoOn(): void; onLater(): void }) {
  return (
    <div className={css.stack}>
      <p>{say.addedLead}</p>
      <ol className={css.steps}>
        {say.next.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <div className={css.buttons}>
        <Button variant="default" onClick={onLater}>
          {say.later}
        </Button>
        <Button onClick={onGoOn} autoFocus>
          {say.addAdministrator}
        </Button>
      </div>
    </div>
  );
}
