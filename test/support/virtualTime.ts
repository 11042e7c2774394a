/**
 * Virtual time for the simulation. Like Node's own timers it has steps, and no timer is shorter than one step. Everything that
 * becomes due in a step runs, then all promises settle, and then the next step with timers comes.
 */
import type { Clock } from "../../shared/clock";

export class VirtualTime {
  /** Milliseconds since the start of the simulation. */
  now = 0;
  private readonly due = new Map<number, (() => void)[]>();
  /** Binary heap of the keys of `due`. */
  private readonly steps: number[] = [];

  /** @param stepMs milliseconds; a power of two, so that all instants are exact. Default 1, the same as in Node. */
  constructor(readonly stepMs = 1) {}

  /** Calls `callback` after `ms`, rounded up to whole steps, at least one. */
  after(ms: number, callback: () => void): void {
    const step = this.now + this.stepMs * Math.max(1, Math.ceil(ms / this.stepMs));
    const callbacks = this.due.get(step);
    if (callbacks !== undefined) callbacks.push(callback);
    else {
      this.due.set(step, [callback]);
      this.push(step);
    }
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Runs all timers up to `end`, which is then `now`. */
  async runUntil(end: number): Promise<void> {
    await settled();
    while (this.steps.length > 0 && this.steps[0]! <= end) {
      const step = this.pop();
      this.now = step;
      const callbacks = this.due.get(step)!;
      this.due.delete(step);
      for (const callback of callbacks) callback();
      await settled();
    }
    this.now = end;
  }

  private push(step: number): void {
    const heap = this.steps;
    let i = heap.push(step) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (heap[parent]! <= step) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = step;
  }

  private pop(): number {
    const heap = this.steps;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++;
      if (heap[child]! >= last) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

/** All promise callbacks run before the next turn of the event loop. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The clock of one machine: off by `skew` milliseconds, and stopped for good by `crash`. */
export class MachineClock implements Clock {
  private crashed = false;

  constructor(
    private readonly time: VirtualTime,
    private readonly skew: number,
  ) {}

  now(): number {
    const { now, stepMs } = this.time;
    return EPOCH + stepMs * Math.floor((now + this.skew) / stepMs);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => reject(signal?.reason);
      signal?.addEventListener("abort", abort, { once: true });
      this.time.after(ms, () => {
        if (this.crashed) return;
        signal?.removeEventListener("abort", abort);
        resolve();
      });
    });
  }

  /** Nothing on this machine wakes up any more. */
  crash(): void {
    this.crashed = true;
  }
}

/** An arbitrary date, so no code can mistake an instant for a duration. */
const EPOCH = 1_800_000_000_000;
