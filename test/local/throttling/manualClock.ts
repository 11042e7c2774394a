import type { Clock } from "../../../shared/clock";

/** A clock that only the test moves. */
export class ManualClock implements Clock {
  ms = 1_700_000_000_000;

  now(): number {
    return this.ms;
  }

  async sleep(ms: number): Promise<void> {
    this.ms += ms;
  }

  advance(seconds: number): void {
    this.ms += seconds * 1000;
  }
}
