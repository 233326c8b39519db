import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { leaveCustomer, lookWhereInside } from '../api/access-queries.ts';
import type { Grant } from '../api/types.ts';
import { span } from '../format.ts';
import { accessWords as say } from '../messages/messages.ts';
import css from './Inside.module.css';

/** On top of every page of a customer that an operator is inside: where, why, for how long, and the way out. */
export function Inside({ grant }: { grant: Grant }) {
  const { customer, reason, ticket, mayChange } = grant;
  const left = useLeft(grant);
  const [stuck, setStuck] = useState(false);
  const [, navigate] = useLocation();
  const leave = () => {
    navigate('/');
    void leaveCustomer(customer.id).catch(() => setStuck(true));
  };
  return (
    <section className={css.inside} aria-label={`${say.inside} ${customer.name}`}>
      <p className={css.where}>
        {say.inside} <strong>{customer.name}</strong>
        <span className={css.kind}>{mayChange ? say.withChanges : say.readOnly}</span>
      </p>
      <p className={css.why} title={reason}>
        {ticket === null ? reason : `${ticket}: ${reason}`}
      </p>
      {stuck && <p role="alert">{say.leaveFailed}</p>}
      <p className={css.left}>{say.left(left)}</p>
      <Button variant="default" size="compact-sm" onClick={leave}>
        {say.leave}
      </Button>
    </section>
  );
}

/** In words, by the minute; when the time is over, what was seen goes from the page. */
function useLeft({ endsAt, customer }: Grant): string {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const isOver = endsAt <= now;
  useEffect(() => {
    if (isOver) void lookWhereInside(customer.id);
  }, [isOver, customer.id]);
  const seconds = Math.max(0, Math.ceil((endsAt - now) / 1000));
  return span(seconds < 60 ? seconds * 1000 : Math.ceil(seconds / 60) * 60_000);
}
