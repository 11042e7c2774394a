/**
 * The workflow driver's state machine on virtual time: it lists the batches of numbers, maps over them with so many at once,
 * repeats each while it is continued or held, summarizes, and goes over the rest.
 */
import type { BatchStep, BatchTask, EpochTask, Summary } from "../../shared/drivers/driver";
import type { Answer } from "../../shared/drivers/workflow/tasks";
import type { Generated } from "../../shared/worker/generateNumbers";
import type { VirtualTime } from "./virtualTime";

/** The functions that it calls. A call that rejects is retried. */
export interface TaskFunctions {
  generate(input: EpochTask): Promise<Generated>;
  processNumber(input: BatchTask): Promise<Answer<BatchStep>>;
  summarize(input: EpochTask): Promise<Answer<Summary>>;
}

/** A turn that has ended, in the order of time. */
export interface Turn {
  readonly numbers: readonly number[];
  readonly answer: Answer<BatchStep>;
}

/** Errors that no repetition can mend. */
const FOR_GOOD = new Set(["NO_SUCH_JOB", "BAD_TASK"]);
const RETRY_MS = 1_000;
const MOST_RETRIES = 3;

export class StateMachine {
  readonly turns: Turn[] = [];
  /** The most batches in work at once, including those that waited. */
  mostAtOnce = 0;
  private atOnce = 0;

  /** @param epochMs what the virtual time counts from, milliseconds since the epoch. */
  constructor(
    private readonly functions: TaskFunctions,
    private readonly time: VirtualTime,
    private readonly epochMs: number,
  ) {}

  /** The answer of the last summary. */
  async execute({ job, epoch }: EpochTask): Promise<Answer<Summary>> {
    for (;;) {
      const { batches, concurrency } = await this.task(() => this.functions.generate({ job, epoch }));
      const queue = [...batches];
      const lanes = Array.from({ length: concurrency }, async () => {
        for (let numbers = queue.shift(); numbers !== undefined; numbers = queue.shift()) {
          await this.lane({ job, epoch, numbers });
        }
      });
      await Promise.all(lanes);
      const summary = await this.task(() => this.functions.summarize({ job, epoch }));
      if (summary.state !== "left") return summary;
      await this.waitUntil(summary.at);
    }
  }

  /** A batch whose task fails for good ends its lane; the map goes on. */
  private async lane(input: BatchTask): Promise<void> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    try {
      for (let { numbers } = input; ; ) {
        const answer = await this.task(() => this.functions.processNumber({ ...input, numbers }));
        this.turns.push({ numbers, answer });
        if (!("at" in answer)) return;
        await this.waitUntil(answer.at);
        numbers = answer.numbers;
      }
    } catch (error) {
      if (FOR_GOOD.has((error as Error).name)) throw error;
    } finally {
      this.atOnce--;
    }
  }

  private async task<T>(call: () => Promise<T>): Promise<T> {
    for (let retries = 0; ; retries++) {
      try {
        return await call();
      } catch (error) {
        if (FOR_GOOD.has((error as Error).name) || retries === MOST_RETRIES) throw error;
        await this.time.sleep(RETRY_MS * 2 ** retries);
      }
    }
  }

  /** A Wait state ignores milliseconds. A wait for a past moment takes no time. */
  private async waitUntil(at: string): Promise<void> {
    const ms = 1_000 * Math.floor(Date.parse(at) / 1_000) - this.epochMs - this.time.now;
    if (ms > 0) await this.time.sleep(ms);
  }
}
