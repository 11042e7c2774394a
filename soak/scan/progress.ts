import type { Standing } from "./follow";

const LINE_EVERY_MS = 10_000;

/** Reports the soak's progress on a stream: a line at each new phase and every ten seconds. */
export class ScanProgress {
  #last = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly stream: NodeJS.WritableStream,
    /** Milliseconds from the start. */
    private readonly now: () => number,
  ) {}

  phase(text: string): void {
    this.#line(text);
  }

  filled(items: number): void {
    if (this.#due()) this.#line(`${items} items written`);
  }

  standing({ job, units, items }: Standing, killed = 0): void {
    if (!this.#due()) return;
    const done = units.filter(({ state }) => state === "done").length;
    this.#line(`job ${job.id} is ${job.state}: ${items} items, ${done} of ${job.units} units, ${killed} kills`);
  }

  #due(): boolean {
    return this.now() - this.#last >= LINE_EVERY_MS;
  }

  #line(text: string): void {
    this.#last = this.now();
    this.stream.write(`${String(Math.round(this.#last / 1_000)).padStart(4)} s: ${text}\n`);
  }
}
