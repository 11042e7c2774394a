/** The form of a start request, checked at the edge: every problem at once. What needs the table is in plan.ts. */
import * as v from "valibot";
import { SluiceError } from "../../shared/errors";
import { MOST_SEGMENTS } from "./segments";

const percent = v.pipe(
  v.string(),
  v.regex(/^\d{1,3}(\.\d+)?%$/, 'must be a number of RCU/s or a percentage such as "50%"'),
  v.check((text) => Number.parseFloat(text) > 0 && Number.parseFloat(text) <= 100, "must be above 0% and at most 100%"),
);

const rcu = v.union(
  [v.pipe(v.number(), v.gtValue(0, "must be above 0"), v.finite("must be finite")), percent],
  (issue) => deepest(issue.issues) ?? 'must be a number of RCU/s above 0 or a percentage such as "50%"',
);

const text = v.pipe(v.string("must be text"), v.nonEmpty("must not be empty"));
const record = <S extends v.GenericSchema>(keys: RegExp, rule: string, value: S) =>
  v.record(v.pipe(v.string(), v.regex(keys, rule)), value, "must be an object");

const segments = v.union(
  [v.literal("auto"), v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_SEGMENTS))],
  `must be "auto" or a whole number from 1 to ${MOST_SEGMENTS}`,
);

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
const name = v.pipe(
  v.string("must be text"),
  v.regex(/^[\w.-]{3,255}$/, "must be 3 to 255 letters, digits, _ - and ."),
);

const StartRequest = v.strictObject({
  table: name,
  operation: text,
  rate: v.strictObject({ rcu }, 'must be { "rcu": … }'),
  totalSegments: v.optional(segments, "auto"),
  index: v.optional(name),
  consistentRead: v.optional(v.boolean("must be true or false"), false),
  filter: v.optional(text),
  projection: v.optional(text),
  names: v.optional(record(/^#\w+$/, "must begin with #", text)),
  values: v.optional(record(/^:\w+$/, "must begin with :", v.unknown())),
  exportPrefix: v.optional(text),
  format: v.optional(v.picklist(["dynamodb-json", "json"], "must be dynamodb-json or json")),
  params: v.optional(v.record(v.string(), v.unknown(), "must be an object")),
  jobId: v.optional(
    v.pipe(v.string("must be text"), v.regex(/^[\w-]{1,64}$/, "must be 1 to 64 letters, digits, - and _")),
  ),
});

export type CheckedRequest = v.InferOutput<typeof StartRequest>;

/** @throws SluiceError INVALID_REQUEST whose `value` lists every problem, a sentence each. */
export function checkedRequest(given: unknown): CheckedRequest {
  const result = v.safeParse(StartRequest, given);
  if (result.success) return result.output;
  throw invalidRequest(result.issues.map(sentence));
}

/** @param problems one sentence each */
export function invalidRequest(problems: readonly string[]): SluiceError {
  return new SluiceError("INVALID_REQUEST", problems.join(" "), { value: problems });
}

function sentence(issue: v.BaseIssue<unknown>): string {
  const option = v.getDotPath(issue);
  if (option === null) return `The request must be an object, got ${shown(issue.input)}.`;
  if (issue.kind === "schema" && issue.type === "strict_object" && issue.expected === "never") {
    return `${option} is not an option of a start request.`;
  }
  if (issue.input === undefined) return `${option} must be given.`;
  return `${option} ${issue.message}, got ${shown(issue.input)}.`;
}

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 200) ?? "nothing";
}

/** Of the problems of a union's options, the first that says something about the value rather than its type. */
function deepest(issues: readonly v.BaseIssue<unknown>[] | undefined): string | undefined {
  return issues?.find(({ kind }) => kind === "validation")?.message;
}
