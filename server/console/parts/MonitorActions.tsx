import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { runNow } from '../api/monitor-queries.ts';
import { explain } from '../explain.ts';
import { messages } from '../messages/messages.ts';
import { useKey } from './keys.ts';

const say = messages.monitors;

/** What whoever looks may do with a monitor. */
export interface Allowed {
  mayRun: boolean;
  mayChange: boolean;
}

interface MonitorActionsProps extends Allowed {
  customerId: string;
  monitorId: string;
  isPaused: boolean;
}

/** Has a monitor run now, and leads to what it runs. */
export function MonitorActions({ customerId, monitorId, isPaused, mayRun, mayChange }: MonitorActionsProps) {
  const [, navigate] = useLocation();
  const asking = useMutation({ mutationFn: () => runNow(customerId, monitorId) });
  const settings = `/c/${customerId}/monitors/${monitorId}/settings`;
  useKey('e', messages.keys.change, () => navigate(settings), mayChange);
  return (
    <>
      <span role="status" className="muted small">
        {asking.isSuccess && say.runNowAsked}
        {asking.isError && explain(asking.error)}
      </span>
      {mayRun && !isPaused && (
        <Button variant="default" size="xs" loading={asking.isPending} onClick={() => asking.mutate()}>
          {say.runNow}
        </Button>
      )}
      {mayChange && (
        <Button variant="default" size="xs" component={Link} href={settings}>
          {say.change}
        </Button>
      )}
    </>
  );
}
