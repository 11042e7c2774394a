import { SluiceError } from "../../shared/errors";

/** A schedule as the program declared it. */
export interface Schedule {
  name: string;
  arn: string;
  /** `rate(…)`, `cron(…)` or `at(…)`. */
  expression: string;
  enabled: boolean;
  roleArn: string;
  /** ARN of a state machine or a function. */
  targetArn: string;
  /** JSON. */
  input: string;
}

/**
 * Starts an execution, or sends a function an event, as the schedule's role.
 * @throws Error with the answer of a call that was refused.
 */
export type CallTarget = (schedule: Schedule) => Promise<{ executionArn?: string }>;

/** EventBridge Scheduler without its clock: a schedule fires when somebody triggers it. */
export class Schedules {
  readonly #call: CallTarget;
  readonly #schedules = new Map<string, Schedule>();

  constructor(call: CallTarget) {
    this.#call = call;
  }

  add(schedule: Schedule): void {
    this.#schedules.set(schedule.name, schedule);
  }

  all(): Schedule[] {
    return [...this.#schedules.values()];
  }

  /**
   * Does what the schedule does at its time.
   * @param name may be left out if there is only one schedule.
   * @returns ARN of the execution, if the target is a state machine.
   * @throws SluiceError NO_SUCH_SCHEDULE, SCHEDULE_DISABLED; Error with the answer of a call that was refused.
   */
  async trigger(name?: string): Promise<{ executionArn?: string }> {
    const found = this.#schedules.size === 1 && name === undefined ? this.all()[0] : this.#schedules.get(name ?? "");
    if (found === undefined) {
      const names = [...this.#schedules.keys()].join(", ") || "none";
      const message = `name must be that of a schedule (${names}), got ${name ?? "nothing"}.`;
      throw new SluiceError("NO_SUCH_SCHEDULE", message, { value: name });
    }
    if (!found.enabled) {
      throw new SluiceError("SCHEDULE_DISABLED", `Schedule ${found.name} is disabled.`, { value: found.name });
    }
    return this.#call(found);
  }
}
