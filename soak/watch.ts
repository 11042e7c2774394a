import { setTimeout as sleep } from "node:timers/promises";
import type { IngestReader } from "../local/ingestState";
import type { SoakProgress } from "./progress";
import type { SendProgress } from "./sending/sendBodies";

const LOOK_EVERY_MS = 500;
/** The queue counts as drained once it was empty at this many checks in a row: a duplicate may still be in work. */
const EMPTY_LOOKS = 4;

/** Checks the queue now and then, for the progress display and for the end of the drain. */
export class Watch {
  /** The displayed phase. */
  phase = "";
  readonly #reader: IngestReader;
  readonly #progress: SoakProgress;
  readonly #sent: SendProgress;
  readonly #timer: NodeJS.Timeout;
  #looking = false;

  constructor(reader: IngestReader, progress: SoakProgress, sent: SendProgress) {
    this.#reader = reader;
    this.#progress = progress;
    this.#sent = sent;
    this.#timer = setInterval(() => void this.#show(), LOOK_EVERY_MS);
  }

  /**
   * Waits until no more than `most` messages are left to do.
   * @param deadline as of `performance.now()`.
   * @returns how many are left then, or at the deadline.
   * @throws the signal's reason.
   */
  async drained(deadline: number, signal: AbortSignal, most = 0): Promise<number> {
    const enough = most === 0 ? EMPTY_LOOKS : 1;
    for (let looks = 0; ; ) {
      const left = await this.#reader.backlog();
      looks = left <= most ? looks + 1 : 0;
      if (looks >= enough || performance.now() > deadline) return left;
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#progress.stop();
  }

  async #show(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const backlog = await this.#reader.backlog().catch(() => undefined);
    this.#looking = false;
    if (backlog === undefined) return;
    this.#progress.show({ phase: this.phase, confirmed: this.#sent.confirmed, backlog });
  }
}
