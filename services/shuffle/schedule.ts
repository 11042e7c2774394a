/** The options of a schedule: when a job starts, and its request. Pure. */
import { type Fields, type Problem, text, type Values } from "../../shared/infra/fields";
import { startForm } from "../../shared/jobs/startRequest";
import { isPlainObject, lostNumber } from "../../shared/json";

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html; AWS checks the six fields of a cron expression. */
const EXPRESSION = /^(rate\([1-9]\d* (minutes?|hours?|days?)\)|cron\([^\s()]+( [^\s()]+){5}\))?$/;

export const scheduleFields = {
  schedule: text("Schedule in UTC on which a job starts, such as rate(1 day); empty: none", {
    default: "",
    pattern: EXPRESSION,
    rule: "rate(…) or cron(…) of EventBridge Scheduler, or empty",
  }),
  scheduledRequest: text("The start request of scheduled jobs, as JSON; empty: none", {
    default: "",
    pattern: /^/,
    rule: "a start request as JSON, or empty",
  }),
} satisfies Fields;

export type ScheduleSettings = Values<typeof scheduleFields>;

/** Contradictions between the two, and all problems of the request's form. */
export function scheduleProblems({ schedule, scheduledRequest }: ScheduleSettings): Problem[] {
  if (schedule !== "" && scheduledRequest === "") return [incomplete("scheduledRequest", "schedule")];
  const request = scheduledRequest === "" ? [] : requestProblems(scheduledRequest);
  return schedule === "" && scheduledRequest !== ""
    ? [incomplete("schedule", "scheduledRequest"), ...request]
    : request;
}

function incomplete(option: keyof ScheduleSettings, other: keyof ScheduleSettings): Problem {
  const names = { schedule: "schedule", scheduledRequest: "scheduled request" };
  return { code: "INCOMPLETE_SCHEDULE", option, rule: `must be given if there is a ${names[other]}`, value: "" };
}

function requestProblems(value: string): Problem[] {
  const problem = (code: string, rule: string): Problem => ({ code, option: "scheduledRequest", rule, value });
  let request: unknown;
  try {
    request = JSON.parse(value);
  } catch (error) {
    return [problem("INVALID_JSON", `must be JSON (${(error as Error).message})`)];
  }
  const lost = lostNumber(value);
  const digits = `must have no number with more digits than JSON keeps, such as ${lost}; use typedValues`;
  const { problems } = startForm(request);
  const { jobId, driver } = isPlainObject(request) ? request : {};
  return [
    ...(lost === undefined ? [] : [problem("LOST_DIGITS", digits)]),
    ...problems.map((each) => problem("INVALID_REQUEST", `must be a start request (${each.replace(/\.$/, "")})`)),
    // Only one job is started under an id, so the second night would have none.
    ...(jobId === undefined
      ? []
      : [problem("FIXED_JOB_ID", "must have no jobId, because each job gets an id of its own")]),
    ...(driver === "queue" ? [problem("WRONG_DRIVER", "must have driver workflow or none")] : []),
  ];
}
