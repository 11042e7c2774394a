/**
 * The start request: its one schema, from which follow validation, the command line's flags and the table in
 * docs/bulk-jobs.md. Every problem of its form is reported at once; services/jobs checks what depends on the table.
 */
import * as v from "valibot";
import { LEAST_RATE } from "../capacity/metering/limits";
import { SluiceError } from "../errors";
import { isPlainObject, lostNumber } from "../json";
import { copyOptions } from "../operations/copy/params";
import { deleteOptions } from "../operations/delete/params";
import { exportOptions } from "../operations/export/params";
import { updateOptions } from "../operations/update/params";
import {
  anyOf,
  cut,
  mustBe,
  nameAmong,
  plainObject,
  type RequestOption,
  readNumber,
  readObject,
  schemasOf,
  text,
  Unreadable,
} from "../requestOption";
import { kindNamed, sourceKinds } from "../sources/registry";
import type { SourceSpec } from "../sources/specs";
import { tableName, tableOptions } from "../sources/table/options";
import { writingOptions } from "../writing/options";
import type { DriverName } from "./job";
import type { RefusedTable } from "./startFunction";

const RATE = `must be at least ${LEAST_RATE} capacity units per second or a percentage such as "50%"`;
const percent = v.pipe(
  v.string(RATE),
  v.regex(/^\d{1,3}(\.\d+)?%$/, RATE),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed || dataset.issues !== undefined) return;
    const share = Number.parseFloat(dataset.value);
    if (!(share > 0 && share <= 100)) addIssue({ message: "must be above 0% and at most 100%" });
  }),
);
const perSecond = v.pipe(v.number(RATE), v.minValue(LEAST_RATE, RATE), v.finite(RATE));
const rate: v.GenericSchema<number | string> = v.lazy((given) => (typeof given === "string" ? percent : perSecond));

/** The rule of a job's id, to follow the name of an option. */
export const JOB_ID = "must be 1 to 64 letters, digits, - and _";
export const isJobId = (given: unknown): given is string => typeof given === "string" && /^[\w-]{1,64}$/.test(given);
const jobId = v.custom<string>(isJobId, JOB_ID);

const drivers = ["queue", "workflow", "spark"] as const satisfies readonly DriverName[];

/** Parses a rate: capacity units per second, or a percentage. */
export function readRate(given: string): number | string | Unreadable {
  const text = given.trim();
  if (/^\d+(\.\d+)?%$/.test(text)) return text;
  return readNumber(given) ?? new Unreadable("capacity units per second or a percentage such as 50%");
}

/** Reads a flag's JSON object, and refuses a number whose digits a double does not keep. */
export function readParams(given: string): Record<string, unknown> | Unreadable {
  const lost = lostNumber(given);
  if (lost === undefined) return readObject(given);
  return new Unreadable(`JSON without numbers that have more digits than JSON keeps, such as ${lost}; give it as text`);
}

/** Where items come from: a kind of source and, behind a colon, its place in S3. */
const source = v.pipe(
  v.string("must be text"),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed || dataset.issues !== undefined) return;
    const problem = sourceProblem(dataset.value);
    if (problem !== undefined) addIssue({ message: problem });
  }),
);

function sourceProblem(given: string): string | undefined {
  const { kind: name, location } = splitSource(given);
  const kind = kindNamed(name);
  if (kind === undefined) {
    const names = sourceKinds.map(({ kind }) => kind);
    return mustBe(name, names, sourceKinds.map(placeOf));
  }
  if (kind.facts === undefined) return location === "" ? undefined : `must be ${name} alone`;
  return /^s3:\/\/[^/]+\/.+/.test(location) ? undefined : `must be ${placeOf(kind)}`;
}

/** The form of a source of this kind. */
function placeOf({ kind, facts }: (typeof sourceKinds)[number]): string {
  return facts === undefined ? kind : `${kind}:s3://BUCKET/KEY`;
}

function splitSource(given: string): { kind: string; location: string } {
  const [kind = "", ...rest] = given.split(":");
  return { kind, location: rest.join(":") };
}

/** The kind of source of a request, and its place, which is the text after the colon. */
export function sourceOf({ source = "table" }: { readonly source?: string | undefined }): {
  kind: SourceSpec["kind"];
  location: string;
} {
  return splitSource(source) as { kind: SourceSpec["kind"]; location: string };
}

/** The options of every job. */
const commonOptions = {
  source: {
    schema: v.optional(source),
    flag: "--source <where>",
    help: `where items come from: ${anyOf(sourceKinds.map(placeOf))}; default: table`,
  },
  driver: {
    schema: v.optional(nameAmong(drivers)),
    flag: "--driver <name>",
    help: `what hands units to workers: ${anyOf(drivers)}; default: ${drivers[0]}`,
  },
  readRate: {
    schema: v.optional(rate),
    flag: "--read-rate <rate>",
    help: "read capacity units per second for all workers together, or a percentage of what the table or index has",
    read: readRate,
  },
  writeRate: {
    schema: v.optional(rate),
    flag: "--write-rate <rate>",
    help: "write capacity units per second for all workers together, or a percentage of what the table has",
    read: readRate,
  },
  limitGroup: {
    schema: v.optional(jobId),
    flag: "--limit-group <name>",
    help: "share one rate with all jobs on the table that name the same group; default: a rate of its own",
  },
} satisfies Record<string, RequestOption>;

const lastOptions = {
  params: {
    // Not v.record: that leaves out entries named `constructor` or `prototype`.
    schema: v.optional(plainObject),
    flag: "--params <json>",
    help: "parameters of an operation of your own",
    read: readParams,
  },
  jobId: {
    schema: v.optional(jobId),
    flag: "--job-id <id>",
    help: "the job's id; if the same id is started twice, only one job starts; default: a new id",
  },
} satisfies Record<string, RequestOption>;

/** Every option of a start request besides operation and table, in the order of help and documentation. */
export const startOptions = {
  ...commonOptions,
  ...tableOptions,
  ...exportOptions,
  ...updateOptions,
  ...deleteOptions,
  ...copyOptions,
  ...writingOptions,
  ...lastOptions,
};

const StartSchema = only({ operation: text, table: tableName, ...schemasOf(startOptions) });
const epoch = v.pipe(v.number(), v.integer(), v.minValue(0));
const ResumeSchema = only({ resume: jobId, epoch: v.optional(epoch) });
const DispatchSchema = only({ dispatch: jobId, epoch });
/** startForm checks the request inside, as it checks a start request. */
const ExecutionSchema = only({ start: v.unknown(), execution: v.pipe(v.string(), v.regex(/^arn:[^:]+:states:/)) });
/** startForm checks the request inside, as it checks a start request. */
const EstimateSchema = only({ estimate: v.unknown() });

/** Starts a job. A message to the start queue has the same form. */
export type StartRequest = v.InferInput<v.ObjectSchema<StartEntries, undefined>>;
type StartEntries = { operation: typeof text; table: typeof tableName } & ReturnType<
  typeof schemasOf<typeof startOptions>
>;

/** Resumes a job: paused, failed, or stuck. */
export interface ResumeRequest {
  readonly resume: string;
  /** Do nothing if the job was resumed since this epoch. Default: always resume it. */
  readonly epoch?: number | undefined;
}

/** A state machine's request: start a job on which this execution will work. */
export interface ExecutionRequest {
  readonly start: StartRequest;
  /** ARN of the execution. */
  readonly execution: string;
}

/** Asks for the plan of a start request. Starts nothing. */
export interface EstimateRequest {
  readonly estimate: StartRequest;
}

/** A message of the start function to itself: dispatch a job's chains if that wasn't done. */
export interface DispatchRequest {
  readonly dispatch: string;
  readonly epoch: number;
}

export type CheckedRequest = v.InferOutput<v.ObjectSchema<StartEntries, undefined>>;

/** The outcome of checking a request's form. */
export interface Form<Request> {
  /** All its problems, a sentence each. */
  readonly problems: readonly string[];
  /** Names of the options that were given, valid or not. */
  readonly given: ReadonlySet<string>;
  /** The valid options, and the defaults of those not given. Without problems, this is the whole request. */
  readonly sound: Partial<Request>;
}

export function startForm(given: unknown): Form<CheckedRequest> {
  return formOf(StartSchema as v.GenericSchema<Record<string, unknown>, CheckedRequest>, given, "a start request");
}

/** @throws SluiceError INVALID_REQUEST whose `value` lists every problem, a sentence each. */
export function checkedResume(given: unknown): ResumeRequest {
  return checked(ResumeSchema, given, "a request to resume");
}

/** `start`: the start request inside, unchecked. @throws SluiceError INVALID_REQUEST */
export function checkedExecution(given: unknown): { readonly start?: unknown; readonly execution: string } {
  return checked(ExecutionSchema, given, "an execution's request");
}

/** The start request inside, unchecked. @throws SluiceError INVALID_REQUEST if there are other fields beside it */
export function checkedEstimate(given: unknown): unknown {
  return checked(EstimateSchema, given, "a request to estimate").estimate;
}

/** @throws SluiceError INVALID_REQUEST whose `value` lists every problem, a sentence each. */
export function checkedDispatch(given: unknown): DispatchRequest {
  return checked(DispatchSchema, given, "a request to dispatch");
}

/** INVALID_REQUEST; `value` lists every problem, a sentence each. */
export class InvalidRequest extends SluiceError {
  constructor(
    problems: readonly string[],
    /** Those that the problems are about. */
    readonly tables: readonly RefusedTable[] = [],
  ) {
    super("INVALID_REQUEST", problems.join(" "), { value: problems });
  }
}

/** @param problems one sentence each */
export function invalidRequest(problems: readonly string[], tables?: readonly RefusedTable[]): InvalidRequest {
  return new InvalidRequest(problems, tables);
}

function checked<Request>(
  schema: v.GenericSchema<Record<string, unknown>, Request>,
  given: unknown,
  what: string,
): Request {
  const { problems, sound } = formOf(schema, given, what);
  if (problems.length > 0) throw invalidRequest(problems);
  return sound as Request;
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

/** As v.strictObject, which reports only the first unknown option. */
function only<Entries extends v.ObjectEntries>(entries: Entries) {
  type Options = v.InferOutput<v.ObjectSchema<Entries, undefined>>;
  return v.objectWithRest(entries, v.never()) as unknown as v.GenericSchema<Record<string, unknown>, Options>;
}

/** The option that an issue is about. */
function wrongOption(issue: v.BaseIssue<unknown>): string | undefined {
  const keys = keysOf(issue);
  return issue.type === "never" ? keys.join(".") : keys[0];
}

function sentence(issue: v.BaseIssue<unknown>, what: string): string {
  const keys = keysOf(issue);
  const option = (path: string[]) => cut(path.join(".")) || '""';
  if (issue.type === "never") return `${option(keys)} is not an option of ${what}.`;
  if (issue.input === undefined) return `${option(keys)} must be given.`;
  // If a key is wrong, the option is the record that has it.
  const about = issue.path?.at(-1)?.origin === "key" ? keys.slice(0, -1) : keys;
  return `${option(about)} ${issue.message}, got ${shown(issue.input)}.`;
}

function keysOf({ path }: v.BaseIssue<unknown>): string[] {
  return (path ?? []).map(({ key }) => String(key));
}

function shown(value: unknown): string {
  return cut(JSON.stringify(value) ?? "nothing");
}
