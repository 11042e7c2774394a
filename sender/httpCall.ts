/** Calls of AWS without its SDK, which is too large for a phone. */

export interface HttpAnswer {
  status: number;
  /** The value of a header, by its name in lower case. */
  header(name: string): string | null;
  text: string;
}

/** Posts a text and reads the answer, with any status. @throws the errors of `fetch` */
export async function post(
  url: string,
  headers: Record<string, string>,
  body: string,
  signal?: AbortSignal,
): Promise<HttpAnswer> {
  const response = await fetch(url, { method: "POST", headers, body, ...(signal === undefined ? {} : { signal }) });
  return { status: response.status, header: (name) => response.headers.get(name), text: await response.text() };
}

/** An error in the SDK's form, with the fields that `classify` reads. */
export class CallError extends Error {
  override readonly name: string;
  readonly $metadata: { httpStatusCode: number; clockSkewCorrected?: boolean };

  constructor(name: string, message: string, status: number) {
    super(message);
    this.name = name;
    this.$metadata = { httpStatusCode: status };
  }
}

/**
 * The object in an answer of AWS's JSON protocol.
 *
 * @throws CallError with AWS's error name if the status isn't a success; `SyntaxError` if the answer isn't JSON
 */
export function jsonOf<T extends object>(answer: HttpAnswer): T {
  const { status, text } = answer;
  const value = parsed(answer);
  if (status >= 200 && status < 300) return value as T;
  const { __type, message, Message } = value as { __type?: unknown; message?: unknown; Message?: unknown };
  const named = __type ?? answer.header("x-amzn-errortype") ?? answer.header("x-amzn-query-error");
  // `com.amazonaws.sqs#QueueDoesNotExist`, `ThrottlingException:http://…`, `AWS.SimpleQueueService.NonExistentQueue;Sender`
  const name = String(named ?? "UnknownError").replace(/^.*#|[:;].*$/g, "");
  throw new CallError(name, String(message ?? Message ?? (text === "" ? "an empty answer" : name)), status);
}

function parsed({ status, text }: HttpAnswer): object {
  let value: unknown;
  try {
    value = text === "" ? undefined : JSON.parse(text);
  } catch {
    throw new CallError("SyntaxError", `an answer with status ${status} that is no JSON`, status);
  }
  return typeof value === "object" && value !== null ? value : {};
}
