import { SluiceError } from "../../shared/errors";

/** A schedule as the program declared it. Its target is a state machine. */
export interface Schedule {
  name: string;
  arn: string;
  /** `rate(…)`, `cron(…)` or `at(…)`. */
  expression: string;
  enabled: boolean;
  roleArn: string;
  stateMachineArn: string;
  /** JSON. */
  input: string;
}

/** Starts an execution as the schedule's role. */
export type StartTarget = (
  schedule: Schedule,
  target: { stateMachineArn: string; input: string },
) => Promise<{ executionArn: string }>;

/** EventBridge Scheduler, but for the clock: a schedule fires when somebody triggers it. */
export class Schedules {
  readonly #start: StartTarget;
  readonly #schedules = new Map<string, Schedule>();

  constructor(start: StartTarget) {
    this.#start = start;
  }

  add(schedule: Schedule): void {
    this.#schedules.set(schedule.name, schedule);
  }

  all(): Schedule[] {
    return [...this.#schedules.values()];
  }

  /**
   * Does what the schedule does at its time.
   * @param name may be left out where there is one schedule.
   * @returns ARN of the execution.
   * @throws SluiceError NO_SUCH_SCHEDULE, SCHEDULE_DISABLED; Error with the answer of a call that was refused.
   */
  async trigger(name?: string): Promise<{ executionArn: string }> {
    const found = this.#schedules.size === 1 && name === undefined ? this.all()[0] : this.#schedules.get(name ?? "");
    if (found === undefined) {
      const names = [...this.#schedules.keys()].join(", ") || "none";
      const message = `name must be that of a schedule (${names}), got ${name ?? "nothing"}.`;
      throw new SluiceError("NO_SUCH_SCHEDULE", message, { value: name });
    }
    if (!found.enabled) {
      throw new SluiceError("SCHEDULE_DISABLED", `Schedule ${found.name} is disabled.`, { value: found.name });
    }
    const { stateMachineArn, input } = found;
    const { executionArn } = await this.#start(found, { stateMachineArn, input });
    return { executionArn };
  }
}
