/** Errors as documents for the page. */
import { SluiceError } from "../../shared/errors";
import { awsSentence } from "../awsError";
import type { ErrorDocument } from "./contract";

type Status = 400 | 404 | 409 | 500 | 502;

/** A request with problems; those beside a field of a form come by the field's name. */
export class RequestProblems extends SluiceError {
  constructor(
    readonly problems: readonly string[],
    readonly fields: Readonly<Record<string, readonly string[]>> = {},
    code = "INVALID_REQUEST",
  ) {
    super(code, [...problems, ...Object.values(fields).flat()].join(" "));
  }
}

/** Codes of errors that say: it can't be done as things are now. */
const CONFLICT = /^(WRONG_STATE|EXPIRES_SOON|WORKERS_LEFT|NOT_UNDOABLE|NO_REDRIVE|NOT_CONFIRMED|RECORDS_LEFT)$/;

/** An error as the page gets it, and its HTTP status. What was not foreseen has its message only, never its stack. */
export function errorDocument(error: unknown): { document: ErrorDocument; status: Status } {
  if (error instanceof RequestProblems) {
    const { code, message, problems, fields } = error;
    return { document: { error: { code, message, problems, fields } }, status: 400 };
  }
  if (error instanceof SluiceError) {
    const { code, message } = error;
    const status = /^NO_SUCH_/.test(code) ? 404 : CONFLICT.test(code) ? 409 : 400;
    return { document: { error: { code, message, problems: message.split("\n") } }, status };
  }
  const sentence = awsSentence(error);
  if (sentence !== undefined) return { document: { error: documentOf("AWS", sentence) }, status: 502 };
  const message = error instanceof Error ? error.message : String(error);
  return { document: { error: documentOf("UNEXPECTED", `Something went wrong here: ${message}`) }, status: 500 };
}

function documentOf(code: string, message: string): ErrorDocument["error"] {
  return { code, message, problems: [message] };
}
