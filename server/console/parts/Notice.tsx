import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import css from './Notice.module.css';

interface NoticeProps {
  title: string;
  next: string;
  /** Whether there is nothing else on the page. */
  isPage?: boolean;
  children?: ReactNode;
}

/** Said in place of content: nothing there yet, nothing found, or something wrong; and what to do next. */
export function Notice({ title, next, isPage = false, children }: NoticeProps) {
  const Heading = isPage ? 'h1' : 'h2';
  return (
    <div className={css.notice}>
      <svg width="48" height="48" viewBox="0 0 32 32" fill="none" aria-hidden="true" className={css.mark}>
        <path
          d="M6.5 9.5 16 24.5 25.5 9.5"
          stroke="currentColor"
          strokeWidth="2.2"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
        <circle cx="16" cy="9.6" r="2.4" fill="currentColor" />
      </svg>
      <Heading className={css.title}>{title}</Heading>
      <p className="muted">{next}</p>
      {children}
    </div>
  );
}

/** A notice of something wrong, with the button to try again. */
export function Refused({
  title,
  next,
  action,
  onAction,
}: {
  title: string;
  next: string;
  action: string;
  onAction(): void;
}) {
  return (
    <div role="alert">
      <Notice title={title} next={next}>
        <Button variant="default" size="xs" onClick={onAction}>
          {action}
        </Button>
      </Notice>
    </div>
  );
}
