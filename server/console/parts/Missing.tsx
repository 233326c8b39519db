import { Button } from '@mantine/core';
import { Link } from 'wouter';
import { words } from '../messages/messages.ts';
import { Notice } from './Notice.tsx';

/** Not there, or not this user's: the two look the same on purpose. */
export function Missing() {
  return (
    <div className="panel">
      <title>{`${words.notFound} · ${words.product}`}</title>
      <Notice isPage title={words.notFound} next={words.notFoundNext}>
        <Button component={Link} href="/" variant="default" size="xs">
          {words.home}
        </Button>
      </Notice>
    </div>
  );
}
