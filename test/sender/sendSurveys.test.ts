import { createSender, type SenderOptions } from "../../sender/index";
import { batchAnswer, FakeClock, QUEUE_URL, refusal, type StubRequest, stubClient, survey } from "./helpers";

const many = (count: number) => Array.from({ length: count }, (_, i) => survey({ user_id: String(i) }));
const idsIn = ({ input }: StubRequest) =>
  (input.Entries as { MessageBody: string }[]).map((e) => JSON.parse(e.MessageBody).user_id as string);

function setUp(answer: Parameters<typeof stubClient>[0], options: SenderOptions = {}) {
  const clock = new FakeClock();
  const { client, requests } = stubClient(answer);
  return { clock, requests, sender: createSender({ queueUrl: QUEUE_URL }, { client, clock, ...options }) };
}

describe("sendSurveys", () => {
  test("sends in batches of ten and answers in the order given", async () => {
    const { clock, sender, requests } = setUp((request) => batchAnswer(request));
    const results = await clock.run(sender.sendSurveys(many(25)));
    expect(results.map((r) => r.submissionId)).toEqual(many(25).map((s) => `${s.user_id}${s.timestamp}`));
    expect(results.every((r) => r.statusCode === 200 && r.messageId !== undefined)).toBe(true);
    expect(requests.map((r) => idsIn(r).length).sort()).toEqual([10, 10, 5]);
  });

  test("a bad survey among good ones fails alone, without a request", async () => {
    const { clock, sender, requests } = setUp((request) => batchAnswer(request));
    const results = await clock.run(sender.sendSurveys([survey(), "/none.json", [1], survey()]));
    expect(results.map((r) => r.error?.code ?? r.statusCode)).toEqual([200, "FILE_NOT_FOUND", "NOT_AN_OBJECT", 200]);
    expect(requests).toHaveLength(1);
  });

  test("reports each result once, as it comes", async () => {
    const { clock, sender } = setUp((request) => batchAnswer(request));
    const told: number[] = [];
    await clock.run(sender.sendSurveys([...many(15), "/none.json"], { onResult: (_, index) => told.push(index) }));
    expect(told.sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i));
  });

  test("entries that fail are tried again alone", async () => {
    const flaky = (request: StubRequest, index: number) =>
      batchAnswer(request, (_, position) =>
        index === 0 && position % 2 === 1 ? { code: "InternalError", senderFault: false } : undefined,
      );
    const { clock, sender, requests } = setUp(flaky);
    const results = await clock.run(sender.sendSurveys(many(4)));
    expect(results.map((r) => r.statusCode)).toEqual([200, 200, 200, 200]);
    expect(requests.map(idsIn)).toEqual([
      ["0", "1", "2", "3"],
      ["1", "3"],
    ]);
  });

  test("an entry that SQS refuses for good is refused alone and not tried again", async () => {
    const picky = (request: StubRequest) =>
      batchAnswer(request, (body) =>
        body.includes('"user_id":"1"') ? { code: "InvalidMessageContents", senderFault: true } : undefined,
      );
    const { clock, sender, requests } = setUp(picky);
    const results = await clock.run(sender.sendSurveys(many(3)));
    expect(results.map((r) => r.error?.code ?? 200)).toEqual([200, "CONTENT_REFUSED", 200]);
    expect(requests).toHaveLength(1);
  });

  test("an entry that is missing in the answer counts as not sent", async () => {
    const { clock, sender } = setUp(() => ({ status: 200, body: { Successful: [], Failed: [] } }));
    const [result] = await clock.run(sender.sendSurveys(many(1)));
    expect(result).toMatchObject({ statusCode: 400, error: { code: "BAD_ANSWER", retryable: true } });
  });

  test("a batch that is refused as a whole for its content is sent one by one", async () => {
    const strict = (request: StubRequest) => {
      const ids = idsIn(request);
      return ids.length > 1 || ids[0] === "2" ? refusal(400, "BatchRequestTooLong") : batchAnswer(request);
    };
    const { clock, sender } = setUp(strict);
    const results = await clock.run(sender.sendSurveys(many(4)));
    expect(results.map((r) => r.error?.code ?? 200)).toEqual([200, 200, "CONTENT_REFUSED", 200]);
  });

  test("a refusal that no retry can mend ends the sending with the second batch: the rest is not tried", async () => {
    const { clock, sender, requests } = setUp(() => refusal(403, "AccessDenied"));
    const results = await clock.run(sender.sendSurveys(many(30), { concurrency: 1 }));
    expect(results.slice(0, 20).every((r) => r.error?.code === "ACCESS_DENIED")).toBe(true);
    expect(results.slice(20).every((r) => r.error?.code === "NOT_TRIED" && r.error.retryable)).toBe(true);
    expect(requests).toHaveLength(6); // each batch, and two of its letters alone
  });

  test("two batches in a row that fail in the same way end the sending, unless a good batch is between them", async () => {
    const bad = new Set([0, 2, 3]);
    const broken = (request: StubRequest) =>
      bad.has(Math.floor(Number(idsIn(request)[0]) / 10)) ? refusal(500, "InternalFailure") : batchAnswer(request);
    const { clock, sender } = setUp(broken, { retry: { attempts: 1 } });
    const results = await clock.run(sender.sendSurveys(many(50), { concurrency: 1 }));
    const byBatch = [0, 1, 2, 3, 4].map((batch) => results[batch * 10]?.error?.code ?? 200);
    expect(byBatch).toEqual(["SERVICE_ERROR", 200, "SERVICE_ERROR", "SERVICE_ERROR", "NOT_TRIED"]);
  });

  test("never more batches at once than allowed", async () => {
    let now = 0;
    let most = 0;
    const { clock, sender } = setUp(async (request) => {
      most = Math.max(most, ++now);
      await new Promise(setImmediate);
      now--;
      return batchAnswer(request);
    });
    await clock.run(sender.sendSurveys(many(100), { concurrency: 3 }));
    expect(most).toBe(3);
  });

  test("an abort leaves the rest unsent", async () => {
    const { clock, sender, requests } = setUp((request) => batchAnswer(request));
    const results = await clock.run(sender.sendSurveys(many(30), { signal: AbortSignal.abort(), concurrency: 1 }));
    expect(results.map((r) => r.error?.code).filter((code) => code === "ABORTED")).toHaveLength(10);
    expect(results.every((r) => r.statusCode === 400)).toBe(true);
    expect(requests).toHaveLength(0);
  });

  test.each([
    ["concurrency 0", { concurrency: 0 }],
    ["concurrency 51", { concurrency: 51 }],
    ["concurrency 1.5", { concurrency: 1.5 }],
  ])("%s is refused, survey by survey", async (_, options) => {
    const { clock, sender } = setUp((request) => batchAnswer(request));
    const results = await clock.run(sender.sendSurveys([survey(), "/none.json"], options));
    expect(results.map((r) => r.error?.code)).toEqual(["BAD_OPTION", "FILE_NOT_FOUND"]);
  });
});
