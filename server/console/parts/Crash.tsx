import { Component, type ReactNode } from 'react';
import { words } from '../messages/messages.ts';
import { Refused } from './Notice.tsx';

/** Keeps the frame standing when a page breaks, and says whose fault it is. */
export class Crash extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <Refused
        title={words.crashed}
        next={words.crashedNext}
        action={words.reload}
        onAction={() => location.reload()}
      />
    );
  }
}
