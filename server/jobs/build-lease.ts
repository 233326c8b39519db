import { EventEmitter } from 'node:events';
import type { JobsLease } from './lease.ts';

/** For tests: a lease that is held under whatever fence it is told. */
export class FakeLease extends EventEmitter<{ gained: [] }> implements JobsLease {
  fence: number | undefined;
  outrun: number[] = [];

  constructor(fence?: number) {
    super();
    this.fence = fence;
  }

  outrunBy(fence: number): void {
    this.outrun.push(fence);
  }

  /** As when it was got at last. */
  gain(fence: number): void {
    this.fence = fence;
    this.emit('gained');
  }
}
