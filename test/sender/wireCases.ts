import { refusal, type StubAnswer } from "./helpers";

const nodeError = (code: string, message = code) => Object.assign(new Error(message), { code });
const fetchError = (message: string) => new TypeError(message);

/** Answers and failures on the wire, the sender's code for each, and whether it tries again. */
export const WIRE_CASES: [what: string, answer: StubAnswer, code: string, retried: boolean][] = [
  ["500", refusal(500, "InternalFailure"), "SERVICE_ERROR", true],
  ["503", refusal(503, "ServiceUnavailable"), "SERVICE_ERROR", true],
  ["500 with a page", { status: 502, body: "<html>bad gateway</html>" }, "SERVICE_ERROR", true],
  ["429", refusal(429, "Whatever"), "THROTTLED", true],
  ["RequestThrottled", refusal(403, "RequestThrottled"), "THROTTLED", true],
  ["ThrottlingException", refusal(400, "ThrottlingException"), "THROTTLED", true],
  ["KmsThrottled", refusal(400, "KmsThrottled"), "THROTTLED", true],
  ["ECONNREFUSED", nodeError("ECONNREFUSED"), "NETWORK", true],
  ["ECONNRESET", nodeError("ECONNRESET"), "NETWORK", true],
  ["ENOTFOUND", nodeError("ENOTFOUND"), "NETWORK", true],
  ["a failed fetch of React Native", fetchError("Network request failed"), "NETWORK", true],
  [
    "a failed fetch of Node",
    Object.assign(fetchError("fetch failed"), { cause: nodeError("ETIMEDOUT") }),
    "NETWORK",
    true,
  ],
  ["a timeout of the handler", Object.assign(new Error("slow"), { name: "TimeoutError" }), "TIMEOUT", true],
  ["a captive portal", { status: 200, body: "<html>log in</html>" }, "BAD_ANSWER", true],
  ["a proxy's page", { status: 403, body: "<html>forbidden</html>" }, "REQUEST_REFUSED", true],
  ["an empty 400", { status: 400, body: "" }, "REQUEST_REFUSED", false],
  ["an answer without a message id", { status: 200, body: {} }, "BAD_ANSWER", true],
  ["AccessDenied", refusal(403, "AccessDenied"), "ACCESS_DENIED", false],
  ["InvalidClientTokenId", refusal(403, "InvalidClientTokenId"), "ACCESS_DENIED", false],
  ["SignatureDoesNotMatch", refusal(403, "SignatureDoesNotMatch"), "ACCESS_DENIED", false],
  ["ExpiredToken", refusal(403, "ExpiredTokenException"), "EXPIRED_CREDENTIALS", false],
  ["no queue", refusal(400, "QueueDoesNotExist"), "NO_SUCH_QUEUE", false],
  ["InvalidMessageContents", refusal(400, "InvalidMessageContents"), "CONTENT_REFUSED", false],
  ["another 4xx", refusal(400, "UnsupportedOperation"), "REQUEST_REFUSED", false],
  ["404", refusal(404, "UnknownOperationException"), "REQUEST_REFUSED", false],
  ["a programming error", new RangeError("oops"), "UNEXPECTED", false],
];
