import { scheduleFields, scheduleProblems } from "../../../services/shuffle/schedule";
import { checkFields } from "../../../shared/infra/fields";

const request = { operation: "count", table: "orders", readRate: "50%" };
const problems = (schedule: string, scheduledRequest: object | string) => {
  const text = typeof scheduledRequest === "string" ? scheduledRequest : JSON.stringify(scheduledRequest);
  return scheduleProblems({ schedule, scheduledRequest: text });
};
const daily = "rate(1 day)";

test.each(["", daily, "rate(12 hours)", "rate(90 minutes)", "cron(0 3 * * ? *)", "cron(0 3 ? * MON-FRI *)"])(
  "an expression may be %j",
  (schedule) => {
    expect(checkFields(scheduleFields, { schedule, scheduledRequest: "" })).toEqual([]);
  },
);

test.each(["daily", "rate(0 days)", "rate(1.5 days)", "rate(1 week)", "cron(0 3 * * *)", "at(2026-01-01T00:00:00)"])(
  "an expression may not be %j",
  (schedule) => {
    expect(checkFields(scheduleFields, { schedule, scheduledRequest: "" })).toMatchObject([{ option: "schedule" }]);
  },
);

test.each<[string, string, object | string]>([
  ["none", "", ""],
  ["one with a request", daily, request],
  ["a schedule whose request names the driver", daily, { ...request, driver: "workflow" }],
])("nothing is wrong with %s", (_, schedule, given) => {
  expect(problems(schedule, given)).toEqual([]);
});

test.each<[string, string, object | string, object[]]>([
  ["no request", daily, "", [{ code: "INCOMPLETE_SCHEDULE", option: "scheduledRequest" }]],
  ["a request without a schedule", "", request, [{ code: "INCOMPLETE_SCHEDULE", option: "schedule" }]],
  ["text that is no JSON", daily, "{", [{ code: "INVALID_JSON" }]],
  ["JSON that is no request", daily, "[]", [{ code: "INVALID_REQUEST" }]],
  [
    "a number that JSON doesn't keep",
    daily,
    '{"operation":"count","table":"orders","readRate":5,"filter":"a = :n","values":{":n":0.12345678901234567890}}',
    [{ code: "LOST_DIGITS" }],
  ],
  ["a job's id", daily, { ...request, jobId: "nightly" }, [{ code: "FIXED_JOB_ID" }]],
  ["another driver", daily, { ...request, driver: "queue" }, [{ code: "WRONG_DRIVER" }]],
])("%s is refused", (_, schedule, given, expected) => {
  expect(problems(schedule, given)).toMatchObject(expected);
});

test("all problems of a request are reported together", () => {
  const rules = problems("", { readRate: -1, jobId: "nightly", typo: true }).map(
    ({ option, rule }) => `${option} ${rule}`,
  );
  expect(rules).toEqual([
    "schedule must be given if there is a scheduled request",
    "scheduledRequest must be a start request (operation must be given)",
    "scheduledRequest must be a start request (table must be given)",
    expect.stringMatching(/^scheduledRequest must be a start request \(readRate must be .*, got -1\)$/),
    "scheduledRequest must be a start request (typo is not an option of a start request)",
    "scheduledRequest must have no jobId, because each job gets an id of its own",
  ]);
});
