/** How commands and the page report an error: as a document, as text, with an exit code and an HTTP status. */
import { CommanderError } from "commander";
import { SenderError } from "../sender/index";
import { SluiceError } from "../shared/errors";
import { awsSentence, explaining } from "./awsError";

/** Why a request was refused or failed. `--json` prints exactly this, and the page's server answers with it. */
export interface ErrorDocument {
  readonly error: {
    /** Stable. */
    readonly code: string;
    readonly message: string;
    /** One sentence each. */
    readonly problems: readonly string[];
    /** Problems by the name of the field of a form that they are about. */
    readonly fields?: Readonly<Record<string, readonly string[]>>;
  };
}

/** Exit codes of all commands. */
export const EXIT = {
  done: 0,
  /** Refused or failed. */
  failed: 1,
  /** Wrong usage, and a stack that does not exist or cannot be read. */
  usage: 2,
  /** Ctrl-C came first. */
  interrupted: 3,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface ErrorReport {
  readonly document: ErrorDocument;
  /** For people, without a line break at the end. */
  readonly text: string;
  readonly exitCode: ExitCode;
  readonly status: 400 | 404 | 409 | 500 | 502;
}

export interface ProblemsOptions {
  /** Default: `INVALID_REQUEST`. */
  readonly code?: string;
  /** Problems by the name of the form's field that they are about. Default: none. */
  readonly fields?: Readonly<Record<string, readonly string[]>>;
  /** What did not happen, such as `Not started`. Default: only the problems are printed. */
  readonly what?: string;
}

/** A request was wrong, with all of its problems. */
export class RequestProblems extends SluiceError {
  readonly fields: Readonly<Record<string, readonly string[]>>;
  readonly what: string | undefined;

  constructor(
    readonly problems: readonly string[],
    { code = "INVALID_REQUEST", fields = {}, what }: ProblemsOptions = {},
  ) {
    super(code, [...(what === undefined ? [] : [`${what}:`]), ...problems, ...Object.values(fields).flat()].join(" "));
    this.fields = fields;
    this.what = what;
  }
}

/** Ctrl-C ended the command. @param message what that means for what the command was doing */
export function interrupted(message: string): SluiceError {
  return new SluiceError("INTERRUPTED", message);
}

/** What the person who typed the command can correct: an option, an argument, the stack. Other errors are about the work. */
const USAGE_CODES = new Set([
  "USAGE",
  "BAD_OPTION",
  "BAD_FAULT_PLAN",
  "BAD_CAPACITY",
  "UNKNOWN_STACK",
  "INVALID_CONFIG",
  "PROGRAM_REFUSED",
  "NO_STACK",
  "LOCAL_CLOUD_DOWN",
  "LOCAL_FILE_INVALID",
  "NO_PULUMI",
  "STACK_UNREADABLE",
  "NO_SUCH_OUTPUT",
  "OPERATOR_OUTPUT_INVALID",
  "INTAKE_OUTPUT_INVALID",
  "SENDER_OUTPUT_INVALID",
  "LOGS_OUTPUT_INVALID",
  "INVALID_PARTICIPANT",
  "NO_SUCH_PATH",
  "NO_SURVEYS",
  "IDS_FILE",
  "PRICES_UNREADABLE",
  "PRICES_INVALID",
  "PORT_TAKEN",
]);

/** Codes of errors that mean: this can't be done in the present state. */
const CONFLICT = /^(WRONG_STATE|EXPIRES_SOON|WORKERS_LEFT|NOT_UNDOABLE|NO_REDRIVE|NOT_CONFIRMED|RECORDS_LEFT)$/;

/** Whether the error is unexpected. It is then a fault of the program, and its stack helps to find it. */
export function isUnforeseen(error: unknown): boolean {
  if (error instanceof SluiceError || error instanceof SenderError || error instanceof CommanderError) return false;
  return awsSentence(error) === undefined;
}

/** Reports an error. An unexpected one shows its message, never its stack. */
export function reportOf(thrown: unknown): ErrorReport {
  const error = explaining(thrown);
  if (error instanceof RequestProblems) return problemsReport(error);
  if (error instanceof SluiceError) {
    const { code, message } = error;
    const status = /^NO_SUCH_/.test(code) ? 404 : CONFLICT.test(code) ? 409 : 400;
    return plain(code, message, { exitCode: exitCodeOf(code), status });
  }
  if (error instanceof SenderError) return plain(error.code, error.message, { exitCode: EXIT.failed, status: 400 });
  if (error instanceof CommanderError) return commanderReport(error);
  const sentence = awsSentence(error);
  if (sentence !== undefined) return plain("AWS", sentence, { exitCode: EXIT.failed, status: 502 });
  const message = error instanceof Error ? error.message : String(error);
  return plain("UNEXPECTED", `Something went wrong here: ${message}`, { exitCode: EXIT.failed, status: 500 });
}

function problemsReport({ code, message, problems, fields, what }: RequestProblems): ErrorReport {
  const named = Object.keys(fields).length > 0 ? { fields } : {};
  const text =
    what === undefined ? problems.join("\n") : [`${what}:`, ...problems.map((each) => `  ${each}`)].join("\n");
  return { document: { error: { code, message, problems, ...named } }, text, exitCode: exitCodeOf(code), status: 400 };
}

/** Help that was asked for is no error, and has been printed already. */
function commanderReport({ exitCode }: CommanderError): ErrorReport {
  const message = "Name a command; --help lists them.";
  return plain("USAGE", message, { exitCode: exitCode === 0 ? EXIT.done : EXIT.usage, status: 400 });
}

function exitCodeOf(code: string): ExitCode {
  if (code === "INTERRUPTED") return EXIT.interrupted;
  return USAGE_CODES.has(code) ? EXIT.usage : EXIT.failed;
}

function plain(code: string, message: string, ends: Pick<ErrorReport, "exitCode" | "status">): ErrorReport {
  return { document: { error: { code, message, problems: message.split("\n") } }, text: message, ...ends };
}
