/** Requests waiting for capacity: first come, first served; each can give up. */

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
  readonly signal: AbortSignal | undefined;
  readonly abort: (() => void) | undefined;
  gone: boolean;
}

export class WaitQueue<T> {
  private waiters: Waiter<T>[] = [];
  private head = 0;
  private count = 0;

  /** How many wait. */
  get size(): number {
    return this.count;
  }

  /** Waits for {@link next}. Rejects with the signal's reason when it aborts first. */
  wait(signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = signal && (() => this.remove(waiter, signal.reason));
      const waiter: Waiter<T> = { resolve, reject, signal, abort, gone: false };
      if (abort) signal.addEventListener("abort", abort, { once: true });
      this.waiters.push(waiter);
      this.count++;
    });
  }

  /** Resolves the first waiting request with `value`. Does nothing if none waits. */
  next(value: T): void {
    this.shift()?.resolve(value);
  }

  /** Rejects all waiting requests. */
  rejectAll(reason: unknown): void {
    for (let waiter = this.shift(); waiter !== undefined; waiter = this.shift()) waiter.reject(reason);
  }

  private shift(): Waiter<T> | undefined {
    while (this.head < this.waiters.length) {
      const waiter = this.waiters[this.head++]!;
      this.compact();
      if (waiter.gone) continue;
      this.leave(waiter);
      return waiter;
    }
    return undefined;
  }

  private remove(waiter: Waiter<T>, reason: unknown): void {
    if (waiter.gone) return;
    this.leave(waiter);
    waiter.reject(reason);
  }

  private leave(waiter: Waiter<T>): void {
    waiter.gone = true;
    this.count--;
    if (waiter.abort) waiter.signal?.removeEventListener("abort", waiter.abort);
  }

  /** Keeps shifting cheap: the array is cut only when half of it lies before the head. */
  private compact(): void {
    if (this.head < 64 || this.head * 2 < this.waiters.length) return;
    this.waiters = this.waiters.slice(this.head);
    this.head = 0;
  }
}
