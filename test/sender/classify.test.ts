import { classify, classifyEntry } from "../../sender/classify";
import { createSender, SenderError } from "../../sender/index";
import { accepted, QUEUE_URL, stubClient, survey } from "./helpers";
import { WIRE_CASES } from "./wireCases";

const nodeError = (code: string, message = code) => Object.assign(new Error(message), { code });
const fetchError = (message: string) => new TypeError(message);
const quick = { attempts: 2, baseDelayMs: 0 };

describe("a failure on the wire, seen through the real SDK", () => {
  test.each(WIRE_CASES)("%s", async (_, answer, code, retried) => {
    const { client, requests } = stubClient(() => answer);
    const result = await createSender({ queueUrl: QUEUE_URL }, { client, retry: quick }).sendSurvey(survey());
    expect(result).toMatchObject({
      statusCode: 400,
      submissionId: "0001092821120000",
      error: { code, retryable: retried },
    });
    expect(result.error?.message).toMatch(/^[^\n]+$/);
    expect(requests).toHaveLength(retried ? 2 : 1);
  });

  test("a device's wrong clock is corrected from the answer, and the survey sent", async () => {
    const inTwoHours = new Date(Date.now() + 2 * 3_600_000).toUTCString();
    const late = { status: 403, body: { __type: "SignatureDoesNotMatch" }, headers: { date: inTwoHours } };
    const { client, requests } = stubClient((_, index) => (index === 0 ? late : accepted()));
    const result = await createSender({ queueUrl: QUEUE_URL }, { client, retry: quick }).sendSurvey(survey());
    expect(result.statusCode).toBe(200);
    const [first, second] = requests.map(({ headers }) => headers["x-amz-date"]);
    expect(second?.slice(0, 11)).not.toBe(first?.slice(0, 11));
  });
});

/** A thrown error with a name and perhaps more fields. */
const named = (name: string, fields: object = {}) => Object.assign(new Error("no"), { name, ...fields });
const answered = (httpStatusCode: number, name = "Whatever") => named(name, { $metadata: { httpStatusCode } });
const caused = (cause: unknown) => Object.assign(new Error("outer"), { cause });
/** An error with another one so many causes below it. */
const above = (error: unknown, causes: number): unknown => (causes === 0 ? error : caused(above(error, causes - 1)));

type Case = [what: string, thrown: unknown];

test.each([
  [
    nodeError("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1"),
    "AWS could not be reached: connect ECONNREFUSED 127.0.0.1:1",
  ],
  [new TypeError("fetch failed"), "AWS could not be reached: TypeError: fetch failed"],
])("the sentence on %p names its kind only where that says something", (error, sentence) => {
  expect(classify(error).message).toBe(sentence);
});

test.each<[string, unknown, boolean]>([
  ["a refused connection", nodeError("ECONNREFUSED"), false],
  ["a refused connection as a cause", caused(nodeError("ECONNREFUSED")), false],
  ["a host that isn't found", nodeError("ENOTFOUND"), false],
  ["a connection that took too long", new Error("connect ETIMEDOUT 1.2.3.4:443"), false],
  ["a wrong certificate", nodeError("ERR_TLS_CERT_ALTNAME_INVALID"), false],
  ["a connection that broke", nodeError("ECONNRESET"), true],
  ["a read that took too long", nodeError("ETIMEDOUT", "read ETIMEDOUT"), true],
  ["a failed fetch", fetchError("fetch failed"), true],
  ["a failure of AWS", answered(503), true],
  ["an answer that isn't AWS's", answered(200, "SyntaxError"), true],
  ["throttling", answered(429), false],
  ["a refusal", answered(403), false],
])("after %s a survey may have arrived: %p", (_, error, mayHaveArrived) => {
  expect(classify(error)).toMatchObject({ mayHaveArrived });
});

describe("classify", () => {
  const throttled: Case[] = [
    ...["Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException"],
    ...["KmsThrottled", "AWS.SimpleQueueService.RequestThrottled", "com.amazonaws.sqs#ThrottlingException"],
    ...["RequestLimitExceeded", "OverLimit", "SlowDown", "TooManyRequests", "TooManyRequestsException"],
  ].map((name): Case => [name, answered(400, name)]);
  throttled.push(["429", answered(429)], ["the SDK's mark", named("New", { $retryable: { throttling: true } })]);

  const timedOut: Case[] = [
    ...["TimeoutError", "RequestTimeout", "RequestTimeoutException"].map((name): Case => [name, named(name)]),
    ["408", answered(408)],
  ];

  const network: Case[] = [
    ...["ECONNRESET", "ECONNREFUSED", "ECONNABORTED", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "EHOSTDOWN"],
    ...["ENETUNREACH", "ENETDOWN", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT", "ERR_SOCKET_CLOSED"],
    ...["ERR_HTTP2_STREAM_ERROR", "ERR_SSL_WRONG_VERSION_NUMBER", "ERR_TLS_CERT_ALTNAME_INVALID"],
  ].flatMap((code): Case[] => [
    [`code ${code}`, nodeError(code, "no")],
    [`a message with ${code}`, new Error(`connect ${code} 127.0.0.1:1`)],
  ]);
  network.push(
    ["a socket that hangs up", new Error("socket hang up")],
    ["an abort that is not the caller's", named("AbortError")],
    ["a cause", caused(nodeError("ECONNRESET"))],
    ["a cause that is no error", caused("ECONNRESET")],
    ["the fifth cause", above(nodeError("ECONNRESET"), 5)],
    ...["fetch failed", "Failed to fetch", "Load failed", "Network request failed", "NetworkError when attempting"].map(
      (message): Case => [message, fetchError(message)],
    ),
    ["The Internet connection appears to be offline.", fetchError("The Internet connection appears to be offline.")],
  );

  const access = ["AccessDenied", "AccessDeniedException", "KMS.NotAuthorizedException", "UnrecognizedClientException"];
  access.push(
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
  );

  const content = ["InvalidMessageContents", "InvalidParameterValue", "BatchRequestTooLong", "MessageTooLong"];
  const noQueue = ["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "InvalidAddress"];
  const expired = ["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"];
  const byName = (names: string[]) => names.map((name): Case => [name, answered(403, name)]);

  const cases: [code: string, retryable: boolean, cases: Case[]][] = [
    ["THROTTLED", true, throttled],
    ["TIMEOUT", true, timedOut],
    ["NETWORK", true, network],
    ["CLOCK_SKEW", true, [["a corrected clock", named("Any", { $metadata: { clockSkewCorrected: true } })]]],
    [
      "SERVICE_ERROR",
      true,
      [500, 502, 503, 504, 599]
        .map((status): Case => [`${status}`, answered(status)])
        .concat([["what the SDK would try again", named("New", { $retryable: {} })]]),
    ],
    [
      "BAD_ANSWER",
      true,
      [
        ["no JSON", named("SyntaxError", { $metadata: { httpStatusCode: 200 } })],
        ["no JSON and no status", named("SyntaxError")],
        ["a wrong checksum", new Error("Checksum mismatch")],
        ["an error with 200", answered(200)],
        ["an error with 399", answered(399)],
      ],
    ],
    ["CONTENT_REFUSED", false, byName(content)],
    ["NO_SUCH_QUEUE", false, byName(noQueue)],
    ["EXPIRED_CREDENTIALS", false, byName(expired)],
    ["ACCESS_DENIED", false, byName(access)],
    [
      "NO_CREDENTIALS",
      false,
      [
        ["no provider", named("CredentialsProviderError")],
        ["no token", named("TokenProviderError")],
        ["nothing to sign with", new Error("Resolved credential object is not valid")],
      ],
    ],
    ["NO_REGION", false, [["no region", new Error("Region is missing")]]],
    ["REQUEST_REFUSED", true, [["a page with 403", named("SyntaxError", { $metadata: { httpStatusCode: 403 } })]]],
    ["REQUEST_REFUSED", false, [400, 403, 404, 499].map((status): Case => [`${status}`, answered(status)])],
    [
      "UNEXPECTED",
      false,
      [
        ["nothing", undefined],
        ["null", null],
        ["a text", "text"],
        ["a number", 5],
        ["the sixth cause", above(nodeError("ECONNRESET"), 6)],
        ["a failed fetch of another class", new Error("fetch failed")],
        ["a type error in our own code", new TypeError("undefined is not a function")],
        ["a type error that names a failed fetch in its middle", new TypeError("no: fetch failed")],
        // Each name counts only in the place where AWS puts it.
        ...["NotOverLimit", "OverLimits", "MySlowDown", "SlowDowns", "XRequestLimitExceeded", "RequestLimitExceededX"],
        ...["ATooManyRequests", "MyTimeoutError", "XInvalidMessageContents", "XInvalidAddress", "XExpiredToken"],
        ...["MyCredentialsProviderError", "MyTokenProvider"],
      ].map((one): Case => (typeof one === "string" ? [one, named(one)] : (one as Case))),
    ],
  ];
  const table = cases.flatMap(([code, retryable, each]) =>
    each.map(([what, thrown]): [string, string, boolean, unknown] => [code, what, retryable, thrown]),
  );

  test.each(table)("%s: %s", (code, _, retryable, thrown) => {
    const error = classify(thrown);
    expect(error).toMatchObject({ code, retryable });
    expect(error.cause).toBe(thrown);
  });

  test("an error code of Node in the message of an answer is only part of the message", () => {
    expect(classify(Object.assign(answered(400), { message: "ECONNRESET" }))).toMatchObject({
      code: "REQUEST_REFUSED",
    });
  });

  test("every kind begins with its own words, followed by the error's name, if it has one, and message", () => {
    const messages = new Map(table.map(([code, , , thrown]) => [code, classify(thrown).message]));
    const headlines = [...messages.values()].map((message) => message.split(":")[0]);
    expect(headlines).not.toContain("");
    expect(new Set(headlines).size).toBe(messages.size);
    expect(classify(answered(400, "com.amazonaws.sqs#SomethingNew")).message).toBe(
      "AWS or a proxy on the way refused the request: SomethingNew: no",
    );
    expect(classify("text").message).toBe("The request failed: text");
    expect(classify(named("Twice", { message: "Twice: told" })).message).toBe("The request failed: Twice: told");
  });

  test("a classified error stays unchanged", () => {
    const error = new SenderError("NOT_TRIED", "no");
    expect(classify(error)).toBe(error);
  });
});

describe("classifyEntry", () => {
  test.each([
    ["InternalError", false, "SERVICE_ERROR", true],
    ["InvalidMessageContents", false, "SERVICE_ERROR", true],
    ["ThrottlingException", true, "THROTTLED", true],
    ["RequestThrottled", false, "THROTTLED", true],
    ["AWS.SimpleQueueService.OverLimit", true, "THROTTLED", true],
    ["InvalidMessageContents", true, "CONTENT_REFUSED", false],
    ["SomethingNew", true, "CONTENT_REFUSED", false],
    ["KmsDisabled", true, "ACCESS_DENIED", false],
    ["KMS.NotFoundException", true, "CONTENT_REFUSED", false],
    ["AccessDenied", true, "ACCESS_DENIED", false],
    ["NotAuthorizedException", true, "ACCESS_DENIED", false],
    ["InvalidClientTokenId", true, "ACCESS_DENIED", false],
    ["IncompleteSignature", true, "ACCESS_DENIED", false],
    ["QueueDoesNotExist", true, "REQUEST_REFUSED", false],
    ["AWS.SimpleQueueService.NonExistentQueue", true, "REQUEST_REFUSED", false],
    ["MissingParameter", true, "REQUEST_REFUSED", false],
    ["UnsupportedOperation", true, "REQUEST_REFUSED", false],
  ])("%s, sender's fault: %s", (code, senderFault, expected, retryable) => {
    expect(classifyEntry(code, "", senderFault)).toMatchObject({ code: expected, retryable });
  });

  test.each([
    ["ThrottlingException", true, "SQS is throttling: ThrottlingException: words"],
    ["a.InternalError", false, "SQS could not take this entry: InternalError: words"],
    ["AccessDenied", true, "SQS refused this entry: AccessDenied: words"],
    ["MissingParameter", true, "SQS refused this entry: MissingParameter: words"],
    ["InvalidMessageContents", true, "SQS refused this entry: InvalidMessageContents: words"],
  ])("%s keeps the words of SQS, if there are any", (code, senderFault, message) => {
    expect(classifyEntry(code, "words", senderFault).message).toBe(message);
    expect(classifyEntry(code, "", senderFault).message).toBe(message.replace(/: words$/, ""));
  });
});
