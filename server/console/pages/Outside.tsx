import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { customersQuery } from '../api/queries.ts';
import { accessWords as say, words } from '../messages/messages.ts';
import { EnterCustomer } from '../parts/EnterCustomer.tsx';
import { Loaded } from '../parts/Loaded.tsx';
import { Missing } from '../parts/Missing.tsx';
import { Notice } from '../parts/Notice.tsx';

/** In place of a customer's page, for an operator who is not inside: the way in, and then the page that was asked for. */
export function OutsidePage({ customerId }: { customerId: string }) {
  const query = useQuery(customersQuery);
  const [entering, setEntering] = useState(false);
  return (
    <div className="page">
      <Loaded query={query} skeleton={null}>
        {({ customers }) => {
          const customer = customers.find(({ id }) => id === customerId);
          if (!customer) return <Missing />;
          return (
            <div className="panel">
              <title>{`${customer.name} · ${words.product}`}</title>
              <Notice isPage title={say.notInside(customer.name)} next={say.notInsideNext}>
                <Button size="xs" onClick={() => setEntering(true)}>
                  {say.enter}
                </Button>
              </Notice>
              {entering && (
                <EnterCustomer
                  customer={customer}
                  onEntered={() => setEntering(false)}
                  onClose={() => setEntering(false)}
                />
              )}
            </div>
          );
        }}
      </Loaded>
    </div>
  );
}
