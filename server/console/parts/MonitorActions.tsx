import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { pauseMonitor, runNow } from '../api/monitor-queries.ts';
import { explain } from '../explain.ts';
import { messages } from '../messages/messages.ts';
import { useKey } from './keys.ts';
import { Undo } from './Undo.tsx';

const say = messages.monitors;

/** What whoever looks may do with a monitor. */
export interface Allowed {
  mayRun: boolean;
  mayChange: boolean;
}

interface MonitorActionsProps extends Allowed {
  customerId: string;
  monitorId: string;
  name: string;
  isPaused: boolean;
}

/** Has a monitor run now, pauses it, and leads to what it runs. A pause is made at once, and can be taken back. */
export function MonitorActions({ customerId, monitorId, name, isPaused, mayRun, mayChange }: MonitorActionsProps) {
  const [, navigate] = useLocation();
  const asking = useMutation({ mutationFn: () => runNow(customerId, monitorId) });
  const [done, setDone] = useState<'paused' | 'resumed'>();
  const pausing = useMutation({
    mutationFn: ({ paused }: { paused: boolean; back?: true }) => pauseMonitor(customerId, monitorId, paused),
    onSuccess: (_, { paused, back }) => setDone(back ? undefined : paused ? 'paused' : 'resumed'),
  });
  const settings = `/c/${customerId}/monitors/${monitorId}/settings`;
  useKey('e', messages.keys.change, () => navigate(settings), mayChange);
  return (
    <>
      <span role="status" className="muted small">
        {asking.isSuccess && say.runNowAsked}
        {asking.isError && explain(asking.error)}
        {pausing.isError && explain(pausing.error)}
      </span>
      {mayRun && !isPaused && (
        <Button variant="default" size="xs" loading={asking.isPending} onClick={() => asking.mutate()}>
          {say.runNow}
        </Button>
      )}
      {mayChange && (
        <Button
          variant="default"
          size="xs"
          loading={pausing.isPending}
          onClick={() => pausing.mutate({ paused: !isPaused })}
        >
          {isPaused ? say.resume : say.pause}
        </Button>
      )}
      {done && (
        <Undo
          key={done}
          text={say.done[done](name)}
          busy={pausing.isPending}
          onUndo={() => pausing.mutate({ paused: done === 'resumed', back: true })}
          onGone={() => setDone(undefined)}
        />
      )}
      {mayChange && (
        <Button variant="default" size="xs" component={Link} href={settings}>
          {say.change}
        </Button>
      )}
    </>
  );
}
