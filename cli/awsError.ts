import { SluiceError } from "../shared/errors";

/** The fields that an error of the AWS SDK or of Node may have. */
interface Thrown {
  name?: unknown;
  code?: unknown;
  message?: unknown;
  $metadata?: { httpStatusCode?: number };
}

const NETWORK = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN|CERT_|DEPTH_ZERO|SELF_SIGNED|ERR_TLS|EPROTO)/;

/** Headlines by the error's name. The first match counts. */
const HEADLINES: readonly [RegExp, string][] = [
  [/^Expired|^RequestExpired|^TokenRefreshRequired/, "The AWS credentials have expired"],
  [/^CredentialsProvider|^TokenProvider/, "No AWS credentials were found"],
  [/^AccessDenied|^NotAuthorized|^KMSAccessDenied/, "AWS does not permit this"],
  [/^UnrecognizedClient|^InvalidClientTokenId|Signature|^MissingAuthenticationToken/, "AWS refused the credentials"],
  [/^ResourceNotFound/, "A resource that the stack's outputs name does not exist"],
  [/Throttl|^TooManyRequests|^ProvisionedThroughputExceeded|^RequestLimitExceeded/, "AWS is throttling"],
  [/^TransactionCanceled|^TransactionConflict/, "The job kept changing meanwhile; try again"],
  [/^TimeoutError|^RequestTimeout/, "AWS did not answer in time"],
];

/**
 * An error of a call to AWS as one sentence for the person who typed the command; undefined for any other error.
 */
export function awsSentence(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const headline = headlineOf(error);
  if (headline === undefined) return undefined;
  const { message, code, name } = error as Thrown;
  const detail = String(message || code || name)
    .replaceAll(/\s+/g, " ")
    .trim();
  return `${headline}: ${detail.replace(/\.$/, "")}.`;
}

/** Whether nothing listens at the address of the request. */
export function isRefusedConnection(error: unknown): boolean {
  const { code, message } = Object(error) as Thrown;
  // The message alone is left of an error of another realm; see headlineOf.
  return code === "ECONNREFUSED" || /\bECONNREFUSED\b/.test(String(message));
}

/** The error that explains this one: that of the last attempt if a call was repeated until its time was over. */
export function explaining(error: unknown): unknown {
  if (!(error instanceof SluiceError) || error.code !== "OUT_OF_TIME") return error;
  return awsSentence(error.cause) === undefined ? error : error.cause;
}

function headlineOf({ name, code, message, $metadata }: Thrown): string | undefined {
  if (typeof code === "string" && NETWORK.test(code)) return "AWS could not be reached";
  // If Node's errors come from another realm (jest), the SDK wraps them and keeps only the message.
  if ($metadata?.httpStatusCode === undefined && /\bECONN(REFUSED|RESET)\b|socket hang up/.test(String(message))) {
    return "AWS could not be reached";
  }
  const bare = String(name).replace(/^.*[.#]/, "");
  const named = HEADLINES.find(([pattern]) => pattern.test(bare));
  if (named !== undefined) return named[1];
  if ($metadata === undefined) return undefined;
  return ($metadata.httpStatusCode ?? 0) >= 500 ? `AWS failed with ${bare}` : `AWS refused the request with ${bare}`;
}
