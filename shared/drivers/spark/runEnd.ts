/** How runs of the Glue job end, as EventBridge reports it. Pure. */
import { SluiceError } from "../../errors";
import { isPlainObject } from "../../json";

export interface RunEnd {
  /** Name of the Glue job, and id of the run. */
  readonly glueJob: string;
  readonly run: string;
  /** Glue's own state: `SUCCEEDED`, `FAILED`, `TIMEOUT`, `STOPPED` or one that doesn't end the run. */
  readonly state: string;
  /** Glue's message; empty: none. */
  readonly message: string;
}

/**
 * Reads an event `Glue Job State Change`: https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-glue.html. Delivery is
 * best-effort: events may come late, twice, in any order, or not at all.
 * @throws SluiceError BAD_EVENT
 */
export function runEnd(given: unknown): RunEnd {
  const detail = isPlainObject(given) && given.source === "aws.glue" && isPlainObject(given.detail) ? given.detail : {};
  const { jobName: glueJob, jobRunId: run, state, message } = detail;
  if (typeof glueJob === "string" && typeof run === "string" && typeof state === "string") {
    return { glueJob, run, state, message: typeof message === "string" ? message : "" };
  }
  throw new SluiceError("BAD_EVENT", "The input must be an event Glue Job State Change.", { value: given });
}

/** Longest reason that a job's record keeps, characters. */
const LONGEST_REASON = 1_000;

const BAD_ENDS: Readonly<Record<string, string>> = {
  FAILED: "failed",
  ERROR: "failed",
  TIMEOUT: "timed out",
  STOPPED: "was stopped",
  EXPIRED: "waited for too long",
};

/** Why the run's job is stopped, a sentence. Undefined: the run ended well, or goes on. */
export function badEnd({ run, state, message }: Omit<RunEnd, "glueJob">): string | undefined {
  const how = BAD_ENDS[state];
  if (how === undefined) return undefined;
  const reason = `Its Glue run ${run} ${how}${message === "" ? "" : `: ${message.replace(/\.$/, "")}`}.`;
  return reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)}…` : reason;
}
