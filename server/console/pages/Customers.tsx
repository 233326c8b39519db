import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { grantAt } from '../access.ts';
import { customersQuery } from '../api/queries.ts';
import type { Customer, MonitorState, Session } from '../api/types.ts';
import { share } from '../format.ts';
import { messages, plural, accessWords as say, stateWords, words } from '../messages/messages.ts';
import { AddCustomer } from '../parts/AddCustomer.tsx';
import { AddUser } from '../parts/AddUser.tsx';
import { BlockTable } from '../parts/BlockTable.tsx';
import { EnterCustomer } from '../parts/EnterCustomer.tsx';
import { Instant } from '../parts/Instant.tsx';
import { Bar, Loaded } from '../parts/Loaded.tsx';
import { Notice } from '../parts/Notice.tsx';
import { Shape } from '../parts/State.tsx';
import css from './Customers.module.css';

const worstFirst: readonly MonitorState[] = ['failing', 'degraded', 'noData', 'up', 'paused'];

/** The operator's page: every customer at a glance, those with trouble first. */
export function CustomersPage({ session }: { session: Session }) {
  const query = useQuery(customersQuery);
  const [entering, setEntering] = useState<Customer>();
  const [adding, setAdding] = useState(false);
  const [newcomer, setNewcomer] = useState<string>();
  const mayAdd = session.may.includes('add customers');
  const [, navigate] = useLocation();
  return (
    <div className="page">
      <title>{`${words.customers} · ${words.product}`}</title>
      <div className="page-head">
        <div>
          <h1>{words.customers}</h1>
          <p className="muted">{words.operator.lead}</p>
        </div>
        {mayAdd && <Button onClick={() => setAdding(true)}>{messages.customers.add}</Button>}
      </div>
      <Loaded query={query} skeleton={<Skeleton />}>
        {({ customers }) =>
          customers.length === 0 ? (
            <None mayAdd={mayAdd} />
          ) : (
            <Table customers={customers} session={session} onEnter={setEntering} />
          )
        }
      </Loaded>
      <p className="faint small">{words.operator.note}</p>
      {adding && (
        <AddCustomer
          onGoOn={({ name }) => {
            setAdding(false);
            setNewcomer(name);
          }}
          onClose={() => setAdding(false)}
        />
      )}
      {newcomer !== undefined && (
        <AddUser whose="everybody" customer={newcomer} onClose={() => setNewcomer(undefined)} />
      )}
      {entering && (
        <EnterCustomer
          customer={entering}
          onEntered={() => navigate(`/c/${entering.id}`)}
          onClose={() => setEntering(undefined)}
        />
      )}
    </div>
  );
}

interface TableProps {
  session: Session;
  onEnter(customer: Customer): void;
}

function Table({ customers, ...props }: TableProps & { customers: readonly Customer[] }) {
  const sorted = customers.toSorted(byTrouble);
  return (
    <div className="panel scroll">
      <BlockTable
        className={css.table}
        columns={[
          words.customer,
          words.monitors,
          words.states,
          { name: words.availability, isNumber: true },
          { name: words.lastRun, isNumber: true },
          { name: say.actions, isHidden: true },
        ]}
      >
        {sorted.map((customer) => (
          <Row key={customer.id} customer={customer} {...props} />
        ))}
      </BlockTable>
    </div>
  );
}

function byTrouble(a: Customer, b: Customer): number {
  const more = (state: MonitorState) => inState(b, state) - inState(a, state);
  return more('failing') || more('degraded') || a.name.localeCompare(b.name);
}

function inState(customer: Customer, state: MonitorState): number {
  return customer.states[state] ?? 0;
}

function Row({ customer, session, onEnter }: TableProps & { customer: Customer }) {
  const present = worstFirst.filter((state) => inState(customer, state) > 0);
  return (
    <tr>
      <th scope="row" className={css.name}>
        {grantAt(session, customer.id) ? <Link href={`/c/${customer.id}`}>{customer.name}</Link> : customer.name}
      </th>
      <td className="nowrap">
        {monitorsIn(customer)}
        {customer.suspendedAt === null ? null : <span className="muted"> · {words.operator.suspended}</span>}
      </td>
      <td>
        <ul className={css.states}>
          {present.map((state) => (
            <li key={state}>
              <Shape kind={state} size={10} />
              {inState(customer, state)} {stateWords[state].toLowerCase()}
            </li>
          ))}
        </ul>
      </td>
      <td className={`number ${css.figure}`}>{share(customer.availability)}</td>
      <td className="number">{customer.lastRunAt === null ? words.never : <Instant at={customer.lastRunAt} />}</td>
      <td className="number">
        {!grantAt(session, customer.id) && (
          <Button variant="default" size="compact-xs" onClick={() => onEnter(customer)}>
            {say.enter}
            <span className="hidden"> {customer.name}</span>
          </Button>
        )}
        {grantAt(session, customer.id) && (
          <Button component={Link} href={`/c/${customer.id}`} variant="default" size="compact-xs">
            {say.open}
            <span className="hidden"> {customer.name}</span>
          </Button>
        )}
      </td>
    </tr>
  );
}

function monitorsIn(customer: Customer): string {
  if (!customer.isReadable) return words.operator.unreadable;
  return customer.monitors === 0 ? words.operator.noMonitors : plural(customer.monitors, 'monitor');
}

function None({ mayAdd }: { mayAdd: boolean }) {
  const { empty, emptyNext, emptyNextOthers } = messages.customers;
  return (
    <div className="panel">
      <Notice title={empty} next={mayAdd ? emptyNext : emptyNextOthers} />
    </div>
  );
}

function Skeleton() {
  return (
    <div className={`panel ${css.skeleton}`}>
      {[200, 160, 240].map((width) => (
        <Bar key={width} width={width} height={16} />
      ))}
    </div>
  );
}
