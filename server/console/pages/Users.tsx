import { Button, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { renewalQuery, setRenewal, usersQuery, type Whose } from '../api/account-queries.ts';
import { explain } from '../explain.ts';
import { accountWords as say, words } from '../messages/messages.ts';
import { AddUser } from '../parts/AddUser.tsx';
import css from '../parts/Form.module.css';
import { Bar, Loaded } from '../parts/Loaded.tsx';
import { Problem } from '../parts/Problem.tsx';
import { UserTable } from '../parts/UserTable.tsx';

/** Who may sign in: the users of a customer for its administrators, all users for the provider's. */
export function UsersPage({ whose }: { whose: Whose }) {
  const query = useQuery(usersQuery(whose));
  const [adding, setAdding] = useState(false);
  return (
    <div className="page">
      <title>{`${words.users} · ${words.product}`}</title>
      <div className="page-head">
        <div>
          <h1>{words.users}</h1>
          <p className="muted">{say.usersLead}</p>
        </div>
        <Button onClick={() => setAdding(true)}>{say.add}</Button>
      </div>
      <Loaded query={query} skeleton={<Bar width={240} height={16} />}>
        {({ users }) => <UserTable users={users} whose={whose} />}
      </Loaded>
      {whose !== 'everybody' && <Renewal customerId={whose} />}
      {adding && <AddUser whose={whose} onClose={() => setAdding(false)} />}
    </div>
  );
}

function Renewal({ customerId }: { customerId: string }) {
  const { data } = useQuery(renewalQuery(customerId));
  const [problem, setProblem] = useState<string>();
  if (!data) return null;
  const choose = (renewal: string) => {
    const wish = renewal === 'all' ? 'all' : 'without-second-factor';
    setRenewal(customerId, wish).then(
      () => setProblem(undefined),
      (error: unknown) => setProblem(explain(error)),
    );
  };
  return (
    <section className="panel" aria-label={say.renewal}>
      <div className={css.body}>
        <Problem text={problem} />
        <NativeSelect
          label={say.renewal}
          value={data.renewal}
          onChange={(event) => choose(event.currentTarget.value)}
          data={[
            { value: 'all', label: say.renewalAll },
            { value: 'without-second-factor', label: say.renewalSome },
          ]}
        />
      </div>
    </section>
  );
}
