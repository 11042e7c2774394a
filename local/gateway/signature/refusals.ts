import type { ErrorDetails } from "../errors";
import { awsError } from "../errors";
import type { BackendResponse } from "../message";
import { type Protocol, protocolOfService } from "../protocol";
import { type Rejection, SKEW_MS } from "./verifier";

type Code = "unknownKey" | "wrongToken" | "wrongSignature" | "incomplete";

/** Names in the JSON protocols, for REST too. */
const JSON_CODES: Readonly<Record<Code, string>> = {
  unknownKey: "UnrecognizedClientException",
  wrongToken: "UnrecognizedClientException",
  wrongSignature: "InvalidSignatureException",
  incomplete: "IncompleteSignatureException",
};
const QUERY_CODES: Readonly<Record<Code, string>> = {
  unknownKey: "InvalidClientTokenId",
  wrongToken: "InvalidClientTokenId",
  wrongSignature: "SignatureDoesNotMatch",
  incomplete: "IncompleteSignature",
};
/** Services of the JSON protocol that refuse credentials with 403; the others do with 400. */
const FORBID: readonly string[] = ["sqs", "monitoring", "lambda"];

const WRONG_SIGNATURE =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
const INCOMPLETE =
  "The signature must name the credential scope, the signed headers with host, and the time in X-Amz-Date, of the same day as the scope.";

/**
 * The service's answer to a request with such a signature.
 * @param protocol the request's
 */
export function refused(service: string, protocol: Protocol, rejection: Rejection): BackendResponse {
  if (protocolOfService(service) === "rest-xml") return refusedByS3(rejection);
  const [code, message] = reasonOf(rejection);
  const queryCode = QUERY_CODES[code];
  if (protocol === "query") return awsError(service, 403, queryCode, message, { protocol });
  const details: ErrorDetails = { protocol, queryCode };
  return awsError(service, FORBID.includes(service) ? 403 : 400, JSON_CODES[code], message, details);
}

function reasonOf(rejection: Rejection): [Code, string] {
  switch (rejection.kind) {
    case "unknownKey":
      return ["unknownKey", "The access key is not one of the local cloud's; see .sluice/local.json."];
    case "wrongToken":
      return ["wrongToken", "The security token included in the request is invalid."];
    case "tooOld":
      return ["wrongSignature", expired(rejection.signedAt, rejection.now)];
    case "tooNew":
      return ["wrongSignature", notYetCurrent(rejection.signedAt, rejection.now)];
    case "expired":
      return ["wrongSignature", "Signature expired: the time of the presigned request is over."];
    case "wrongSignature":
      return ["wrongSignature", `${WRONG_SIGNATURE}${hint(rejection)}`];
    default:
      return ["incomplete", INCOMPLETE];
  }
}

function refusedByS3(rejection: Rejection): BackendResponse {
  const error = (status: number, code: string, message: string) => awsError("s3", status, code, message);
  switch (rejection.kind) {
    case "unknownKey":
      return error(
        403,
        "InvalidAccessKeyId",
        "The access key is not one of the local cloud's; see .sluice/local.json.",
      );
    case "wrongToken":
      return error(400, "InvalidToken", "The provided token is malformed or otherwise invalid.");
    case "tooOld":
    case "tooNew":
      return error(403, "RequestTimeTooSkewed", skewed(rejection.signedAt, rejection.now));
    case "expired":
      return error(403, "AccessDenied", "Request has expired");
    case "wrongSignature":
      return error(403, "SignatureDoesNotMatch", `${WRONG_SIGNATURE}${hint(rejection)}`);
    case "otherBody":
      return error(
        400,
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      );
    case "incompleteBody":
      return error(400, "IncompleteBody", "The body is not as its chunks and x-amz-decoded-content-length say.");
    case "incomplete":
      return error(400, "AuthorizationHeaderMalformed", INCOMPLETE);
  }
}

/** As AWS does it, so that the caller can compare. */
function hint({ signable }: Extract<Rejection, { kind: "wrongSignature" }>): string {
  if (!signable) return "";
  const { canonicalRequest, stringToSign } = signable;
  return `\n\nThe Canonical String for this request should have been\n'${canonicalRequest}'\n\nThe String-to-Sign should have been\n'${stringToSign}'\n`;
}

function expired(signedAt: number, now: number): string {
  const [at, oldest, here] = [signedAt, now - SKEW_MS, now].map(shown);
  return `Signature expired: ${at} is now earlier than ${oldest} (${here} - 15 min.)`;
}

function notYetCurrent(signedAt: number, now: number): string {
  const [at, newest, here] = [signedAt, now + SKEW_MS, now].map(shown);
  return `Signature not yet current: ${at} is still later than ${newest} (${here} + 15 min.)`;
}

function skewed(signedAt: number, now: number): string {
  return `The difference between the request time and the current time is too large: ${shown(signedAt)} and ${shown(now)}.`;
}

/** YYYYMMDDTHHMMSSZ. */
function shown(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, "");
}
