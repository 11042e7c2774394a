/** The form of a start request, checked at the edge: every problem at once. What needs the table is in plan.ts. */
import * as v from "valibot";
import { SluiceError } from "../../shared/errors";
import { MOST_SEGMENTS } from "./segments";

const RATE = 'must be a number of RCU/s above 0 or a percentage such as "50%"';
/** Of a value or a key that is refused so many characters are shown. */
const SHOWN = 200;

const percent = v.pipe(
  v.string(RATE),
  v.regex(/^\d{1,3}(\.\d+)?%$/, RATE),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed || dataset.issues !== undefined) return;
    const share = Number.parseFloat(dataset.value);
    if (!(share > 0 && share <= 100)) addIssue({ message: "must be above 0% and at most 100%" });
  }),
);
const perSecond = v.pipe(v.number(RATE), v.gtValue(0, RATE), v.finite(RATE));
const rcu = v.lazy((given) => (typeof given === "string" ? percent : perSecond));

const text = v.pipe(v.string("must be text"), v.nonEmpty("must not be empty"));

const plainObject = v.custom<Record<string, unknown>>(isPlainObject, "must be an object");

function record<S extends v.GenericSchema>(keys: RegExp, rule: string, value: S) {
  return v.pipe(plainObject, v.record(v.pipe(v.string(), v.regex(keys, rule)), value));
}

const segments = v.custom<"auto" | number>(
  (given) =>
    given === "auto" || (Number.isInteger(given) && (given as number) >= 1 && (given as number) <= MOST_SEGMENTS),
  `must be "auto" or a whole number from 1 to ${MOST_SEGMENTS}`,
);

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
const name = v.pipe(
  v.string("must be text"),
  v.regex(/^[\w.-]{3,255}$/, "must be 3 to 255 letters, digits, _ - and ."),
);

const jobId = v.custom<string>(
  (given) => typeof given === "string" && /^[\w-]{1,64}$/.test(given),
  "must be 1 to 64 letters, digits, - and _",
);

const StartRequest = v.strictObject({
  table: name,
  operation: text,
  rate: v.pipe(
    v.custom<Record<string, unknown>>(isPlainObject, 'must be an object such as { "rcu": 100 } or { "rcu": "50%" }'),
    v.strictObject({ rcu }),
  ),
  totalSegments: v.optional(segments, "auto"),
  index: v.optional(name),
  consistentRead: v.optional(v.boolean("must be true or false"), false),
  filter: v.optional(text),
  projection: v.optional(text),
  names: v.optional(record(/^#\w+$/, 'must have keys such as "#name"', text)),
  values: v.optional(record(/^:\w+$/, 'must have keys such as ":value"', v.unknown())),
  exportPrefix: v.optional(text),
  format: v.optional(v.picklist(["dynamodb-json", "json"], "must be dynamodb-json or json")),
  params: v.optional(v.pipe(plainObject, v.record(v.string(), v.unknown()))),
  jobId: v.optional(jobId),
});

const ResumeRequest = v.strictObject({ resume: jobId });

export type CheckedRequest = v.InferOutput<typeof StartRequest>;

/** @throws SluiceError INVALID_REQUEST whose `value` lists every problem, a sentence each. */
export function checkedRequest(given: unknown): CheckedRequest {
  return checked(StartRequest, given, "a start request");
}

/** Id of the job to resume. @throws SluiceError INVALID_REQUEST as above. */
export function checkedResume(given: unknown): string {
  return checked(ResumeRequest, given, "a request to resume").resume;
}

/** @param problems one sentence each */
export function invalidRequest(problems: readonly string[]): SluiceError {
  return new SluiceError("INVALID_REQUEST", problems.join(" "), { value: problems });
}

function checked<S extends v.GenericSchema>(schema: S, given: unknown, what: string): v.InferOutput<S> {
  if (!isPlainObject(given)) throw invalidRequest([`The request must be an object, got ${shown(given)}.`]);
  const result = v.safeParse(schema, given);
  if (result.success) return result.output;
  throw invalidRequest(result.issues.map((issue) => sentence(issue, what)));
}

function isPlainObject(given: unknown): boolean {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}

function sentence(issue: v.BaseIssue<unknown>, what: string): string {
  const keys = (issue.path ?? []).map(({ key }) => String(key));
  const option = (path: string[]) => cut(path.join(".")) || '""';
  if (issue.type === "strict_object" && issue.expected === "never")
    return `${option(keys)} is not an option of ${what}.`;
  if (issue.input === undefined) return `${option(keys)} must be given.`;
  // Where it is a key that is wrong, the record that it stands in is the option.
  const about = issue.path?.at(-1)?.origin === "key" ? keys.slice(0, -1) : keys;
  return `${option(about)} ${issue.message}, got ${shown(issue.input)}.`;
}

function shown(value: unknown): string {
  return cut(JSON.stringify(value) ?? "nothing");
}

function cut(shown: string): string {
  return shown.length > SHOWN ? `${shown.slice(0, SHOWN)}…` : shown;
}
