/** The form of a start request, checked at the edge: every problem at once. What needs the table is in problems.ts. */
import * as v from "valibot";
import { SluiceError } from "../../shared/errors";
import { MOST_SEGMENTS } from "../../shared/sources/table/segments";

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

const StartRequest = only({
  table: name,
  operation: text,
  rate: v.pipe(
    v.custom<Record<string, unknown>>(isPlainObject, 'must be an object such as { "rcu": 100 } or { "rcu": "50%" }'),
    only({ rcu }),
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

const ResumeRequest = only({ resume: jobId });

export type CheckedRequest = v.InferOutput<typeof StartRequest>;

/** What came, as far as its form goes. */
export interface Form<Request> {
  /** All that is wrong with it, a sentence each. */
  readonly problems: readonly string[];
  /** Names of what is given, right or wrong. */
  readonly given: ReadonlySet<string>;
  /** The options that are right, and the defaults of those not given: everything, where there is no problem. */
  readonly sound: Partial<Request>;
}

export function startForm(given: unknown): Form<CheckedRequest> {
  return formOf(StartRequest, given, "a start request");
}

/** What the operation is told: its own params, or the options of `export`. */
export function paramsOf({ exportPrefix, format, params }: Partial<CheckedRequest>): Record<string, unknown> {
  return {
    ...params,
    ...(exportPrefix === undefined ? {} : { exportPrefix }),
    ...(format === undefined ? {} : { format }),
  };
}

/** Id of the job to resume. @throws SluiceError INVALID_REQUEST whose `value` lists every problem, a sentence each. */
export function checkedResume(given: unknown): string {
  const { problems, sound } = formOf(ResumeRequest, given, "a request to resume");
  if (problems.length > 0) throw invalidRequest(problems);
  return sound.resume!;
}

/** @param problems one sentence each */
export function invalidRequest(problems: readonly string[]): SluiceError {
  return new SluiceError("INVALID_REQUEST", problems.join(" "), { value: problems });
}

function formOf<Request>(
  schema: v.GenericSchema<Record<string, unknown>, Request>,
  given: unknown,
  what: string,
): Form<Request> {
  if (!isPlainObject(given)) {
    return { problems: [`The request must be an object, got ${shown(given)}.`], given: new Set(), sound: {} };
  }
  const { issues = [], output } = v.safeParse(schema, given);
  const wrong = new Set(issues.map(wrongOption));
  const right = Object.entries(output as object).filter(([key]) => !wrong.has(key));
  return {
    problems: issues.map((issue) => sentence(issue, what)),
    given: new Set(Object.keys(given).filter((key) => given[key] !== undefined)),
    sound: Object.fromEntries(right) as Partial<Request>,
  };
}

/** As v.strictObject, which tells only of the first option that there is not. */
function only<Entries extends v.ObjectEntries>(entries: Entries) {
  type Options = v.InferOutput<v.ObjectSchema<Entries, undefined>>;
  return v.objectWithRest(entries, v.never()) as unknown as v.GenericSchema<Record<string, unknown>, Options>;
}

function isPlainObject(given: unknown): given is Record<string, unknown> {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}

/** One that there is not leaves what is beside it right: `rate.rcu` beside `rate.wcu`. */
function wrongOption(issue: v.BaseIssue<unknown>): string | undefined {
  const keys = keysOf(issue);
  return issue.type === "never" ? keys.join(".") : keys[0];
}

function sentence(issue: v.BaseIssue<unknown>, what: string): string {
  const keys = keysOf(issue);
  const option = (path: string[]) => cut(path.join(".")) || '""';
  if (issue.type === "never") return `${option(keys)} is not an option of ${what}.`;
  if (issue.input === undefined) return `${option(keys)} must be given.`;
  // Where it is a key that is wrong, the record that it stands in is the option.
  const about = issue.path?.at(-1)?.origin === "key" ? keys.slice(0, -1) : keys;
  return `${option(about)} ${issue.message}, got ${shown(issue.input)}.`;
}

function keysOf({ path }: v.BaseIssue<unknown>): string[] {
  return (path ?? []).map(({ key }) => String(key));
}

function shown(value: unknown): string {
  return cut(JSON.stringify(value) ?? "nothing");
}

function cut(shown: string): string {
  return shown.length > SHOWN ? `${shown.slice(0, SHOWN)}…` : shown;
}
