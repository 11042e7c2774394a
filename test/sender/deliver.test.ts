import { type DeliverOptions, deliver, type LetterOutcome, sendBatch } from "../../sender/deliver";
import { SenderError } from "../../sender/index";
import type { Letter } from "../../sender/letter";
import { DEFAULT_RETRY } from "../../sender/retry";
import type { EntryAnswer } from "../../sender/transport";
import { FakeClock } from "./helpers";

type Answer = EntryAnswer[] | Error;
const letter = (text: string): Letter => ({ text, bytes: text.length, submissionId: `id of ${text}` });
const letters = (count: number) => Array.from({ length: count }, (_, index) => letter(String(index)));
const failed = (code: SenderError["code"], retryable = false) => new SenderError(code, `why ${code}`, { retryable });
const sent = (body: string): EntryAnswer => ({ messageId: `m-${body}` });
const codeOf = (outcome: LetterOutcome | undefined) =>
  outcome === undefined ? undefined : "error" in outcome ? outcome.error.code : outcome.messageId;

/** A delivery whose batches are answered by `answer`. */
function setUp(
  answer: (bodies: string[], call: number) => Answer | Promise<Answer>,
  changes: Partial<DeliverOptions> = {},
) {
  const clock = new FakeClock();
  const calls: string[][] = [];
  const delivery: DeliverOptions = {
    transport: {
      send: () => Promise.reject(new Error("not in this test")),
      async sendBatch(bodies) {
        calls.push(bodies);
        const said = await answer(bodies, calls.length - 1);
        if (said instanceof Error) throw said;
        return said;
      },
      close() {},
    },
    concurrency: 1,
    policy: { ...DEFAULT_RETRY, attempts: 3 },
    clock,
    random: () => 0,
    ...changes,
  };
  return { clock, calls, delivery };
}

/** Delivers so many letters. @returns what became of each, in the order of the reports */
async function deliverAll(count: number, { clock, delivery }: ReturnType<typeof setUp>) {
  const reports: [string, string | undefined][] = [];
  await clock.run(deliver(letters(count), delivery, ({ text }, outcome) => void reports.push([text, codeOf(outcome)])));
  return reports;
}

describe("a batch", () => {
  test("is sent once where all of it is taken", async () => {
    const { clock, calls, delivery } = setUp((bodies) => bodies.map(sent));
    expect(await clock.run(sendBatch(letters(2), delivery))).toEqual([sent("0"), sent("1")]);
    expect(calls).toEqual([["0", "1"]]);
  });

  test("is tried again as a whole, until the attempts are over", async () => {
    const { clock, calls, delivery } = setUp(() => failed("NETWORK", true));
    expect((await clock.run(sendBatch(letters(2), delivery))).map(codeOf)).toEqual(["NETWORK", "NETWORK"]);
    expect(calls).toHaveLength(3);
  });

  test("keeps what was decided, tries again what may get better, and ends with the last answer of each", async () => {
    const { clock, calls, delivery } = setUp((bodies, call) =>
      bodies.map((body) => {
        if (body === "1") return { error: failed("CONTENT_REFUSED") };
        if (body === "2") return { error: failed(call === 0 ? "SERVICE_ERROR" : "THROTTLED", true) };
        return body === "3" && call === 0 ? { error: failed("SERVICE_ERROR", true) } : sent(body);
      }),
    );
    const outcomes = await clock.run(sendBatch(letters(4), delivery));
    expect(outcomes.map(codeOf)).toEqual(["m-0", "CONTENT_REFUSED", "THROTTLED", "m-3"]);
    expect(calls).toEqual([["0", "1", "2", "3"], ["2", "3"], ["2"]]);
  });

  test("that is refused for its content is sent one by one", async () => {
    const { clock, calls, delivery } = setUp((bodies) =>
      bodies.length > 1 || bodies[0] === "1" ? failed("CONTENT_REFUSED") : bodies.map(sent),
    );
    const outcomes = await clock.run(sendBatch(letters(3), delivery));
    expect(outcomes.map(codeOf)).toEqual(["m-0", "CONTENT_REFUSED", "m-2"]);
    expect(calls).toEqual([["0", "1", "2"], ["0"], ["1"], ["2"]]);
  });

  test("that is refused for another reason is not taken apart", async () => {
    const { clock, calls, delivery } = setUp(() => failed("ACCESS_DENIED"));
    expect((await clock.run(sendBatch(letters(2), delivery))).map(codeOf)).toEqual(["ACCESS_DENIED", "ACCESS_DENIED"]);
    expect(calls).toHaveLength(1);
  });

  test("of one is not sent again for its content", async () => {
    const { clock, calls, delivery } = setUp(() => failed("CONTENT_REFUSED"));
    expect((await clock.run(sendBatch(letters(1), delivery))).map(codeOf)).toEqual(["CONTENT_REFUSED"]);
    expect(calls).toHaveLength(1);
  });

  test("never rejects: whatever its clock throws is unexpected, with the cause", async () => {
    const broken = new Error("no timers");
    const clock = new FakeClock();
    const sleep = (ms: number, signal?: AbortSignal) =>
      ms === DEFAULT_RETRY.attemptTimeoutMs ? clock.sleep(ms, signal) : Promise.reject(broken);
    const { delivery } = setUp(() => failed("NETWORK", true), { clock: { now: () => clock.now(), sleep } });
    const [outcome] = await clock.run(sendBatch(letters(1), delivery));
    expect(outcome).toMatchObject({
      error: { code: "UNEXPECTED", message: "Unexpected: no timers", cause: broken, retryable: false },
    });
  });
});

describe("a delivery", () => {
  test("reports each letter once, in the order of the batches", async () => {
    const set = setUp((bodies) => bodies.map(sent));
    expect(await deliverAll(12, set)).toEqual(letters(12).map(({ text }) => [text, `m-${text}`]));
    expect(set.calls.map(({ length }) => length)).toEqual([10, 2]);
  });

  test.each<[SenderError["code"], boolean]>([
    ["ACCESS_DENIED", false],
    ["ABORTED", true],
  ])("ends with a batch that failed by %s; the rest was not tried and may be later", async (code, retryable) => {
    const set = setUp(() => failed(code, retryable), { policy: { ...DEFAULT_RETRY, attempts: 1 } });
    const outcomes: LetterOutcome[] = [];
    await set.clock.run(deliver(letters(21), set.delivery, (_, outcome) => void outcomes.push(outcome)));
    expect(outcomes.map(codeOf)).toEqual([...Array(10).fill(code), ...Array(11).fill("NOT_TRIED")]);
    expect(outcomes[10]).toMatchObject({
      error: { message: `Not tried, because requests before it failed: why ${code}`, retryable: true, cause: { code } },
    });
    expect(set.calls).toHaveLength(1);
  });

  test("goes on where single letters are refused for their content, however many", async () => {
    const set = setUp((bodies) => bodies.map(() => ({ error: failed("CONTENT_REFUSED") })));
    expect((await deliverAll(50, set)).every(([, code]) => code === "CONTENT_REFUSED")).toBe(true);
    expect(set.calls).toHaveLength(5);
  });

  test("ends where an entry fails for a reason that all share, be it the last one of its batch", async () => {
    const set = setUp((bodies) =>
      bodies.map((body) => ({ error: failed(body === "9" ? "ACCESS_DENIED" : "CONTENT_REFUSED") })),
    );
    expect((await deliverAll(20, set)).slice(10).map(([, code]) => code)).toEqual(Array(10).fill("NOT_TRIED"));
  });

  test("the worst error of a batch counts, not the first one", async () => {
    const set = setUp(
      (bodies) => bodies.map((body) => ({ error: body === "1" ? failed("ACCESS_DENIED") : failed("THROTTLED", true) })),
      { policy: { ...DEFAULT_RETRY, attempts: 1 } },
    );
    expect((await deliverAll(20, set)).slice(10).map(([, code]) => code)).toEqual(Array(10).fill("NOT_TRIED"));
  });

  test.each([
    ["three in a row", [0, 1, 2], [3]],
    ["two, and two more", [0, 1, 3, 4], []],
    ["one good one in between starts the count anew", [0, 1, 3, 4, 5], [6]],
  ])("gives up after three failed batches in a row: %s", async (_, bad, notTried) => {
    const set = setUp(
      (bodies) => (bad.includes(Math.floor(Number(bodies[0]) / 10)) ? failed("SERVICE_ERROR", true) : bodies.map(sent)),
      { policy: { ...DEFAULT_RETRY, attempts: 1 } },
    );
    const reports = await deliverAll(70, set);
    const first = reports.findIndex(([, code]) => code === "NOT_TRIED");
    expect(first).toBe(notTried.length === 0 ? -1 : 10 * (notTried[0] as number));
    if (first >= 0) expect(reports.slice(first).every(([, code]) => code === "NOT_TRIED")).toBe(true);
  });

  test("has as many batches on the way as it may", async () => {
    let [now, most] = [0, 0];
    const set = setUp(
      async (bodies) => {
        most = Math.max(most, ++now);
        await new Promise(setImmediate);
        now--;
        return bodies.map(sent);
      },
      { concurrency: 4 },
    );
    expect(await deliverAll(100, set)).toHaveLength(100);
    expect(most).toBe(4);
  });

  test("awaits each report, and ends with the error that a report throws", async () => {
    const set = setUp((bodies) => bodies.map(sent));
    const diary: string[] = [];
    const slow = async ({ text }: Letter) => {
      await new Promise(setImmediate);
      diary.push(text);
      if (text === "3") throw new Error("no room");
    };
    await expect(set.clock.run(deliver(letters(12), set.delivery, slow))).rejects.toThrow("no room");
    expect(diary).toEqual(["0", "1", "2", "3"]);
    expect(set.calls).toHaveLength(1);
  });
});
