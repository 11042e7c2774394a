import { classify, classifyEntry } from "../../sender/classify";
import { createSender } from "../../sender/index";
import { accepted, QUEUE_URL, refusal, type StubAnswer, stubClient, survey } from "./helpers";

const nodeError = (code: string, message = code) => Object.assign(new Error(message), { code });
const fetchError = (message: string) => new TypeError(message);
const quick = { attempts: 2, baseDelayMs: 0 };

describe("a failure on the wire, seen through the real SDK", () => {
  test.each<[string, StubAnswer, string, retried: boolean]>([
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
    ["a proxy's page", { status: 403, body: "<html>forbidden</html>" }, "BAD_ANSWER", true],
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
  ])("%s", async (_, answer, code, retried) => {
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

describe("classify", () => {
  test.each([
    [Object.assign(new Error("no providers"), { name: "CredentialsProviderError" }), "NO_CREDENTIALS"],
    [new Error("Credential is missing"), "NO_CREDENTIALS"],
    [new Error("Region is missing"), "NO_REGION"],
    [null, "UNEXPECTED"],
    ["text", "UNEXPECTED"],
  ])("%s", (error, code) => {
    expect(classify(error)).toMatchObject({ code, retryable: false });
  });
});

describe("classifyEntry", () => {
  test.each([
    ["InternalError", false, "SERVICE_ERROR", true],
    ["ThrottlingException", true, "THROTTLED", true],
    ["InvalidMessageContents", true, "CONTENT_REFUSED", false],
    ["SomethingNew", true, "CONTENT_REFUSED", false],
    ["KmsAccessDenied", true, "ACCESS_DENIED", false],
    ["AccessDenied", true, "ACCESS_DENIED", false],
    ["MissingParameter", true, "REQUEST_REFUSED", false],
  ])("%s, sender's fault: %s", (code, senderFault, expected, retryable) => {
    expect(classifyEntry(code, "", senderFault)).toMatchObject({ code: expected, retryable });
  });
});
