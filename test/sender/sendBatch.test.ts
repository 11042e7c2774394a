import type { SenderError } from "../../sender/index";
import { DEFAULT_RETRY } from "../../sender/retry";
import { sendBatch } from "../../sender/sendBatch";
import type { EntryAnswer } from "../../sender/transport";
import { codeOf, failed, letters, sent, setUp } from "./delivery";
import { FakeClock } from "./helpers";

describe("a batch", () => {
  test("is sent once if SQS takes all of it", async () => {
    const { clock, calls, delivery } = setUp((bodies) => bodies.map(sent));
    expect(await clock.run(sendBatch(letters(2), delivery))).toEqual([sent("0"), sent("1")]);
    expect(calls).toEqual([["0", "1"]]);
  });

  test("is tried again as a whole, until the attempts are over", async () => {
    const { clock, calls, delivery } = setUp(() => failed("THROTTLED", true));
    expect((await clock.run(sendBatch(letters(2), delivery))).map(codeOf)).toEqual(["THROTTLED", "THROTTLED"]);
    expect(calls).toHaveLength(3);
  });

  test("keeps final answers, retries letters that may succeed, and ends with the last answer of each", async () => {
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

  const refusing = (bad: string, error: SenderError) =>
    setUp((bodies) => (bodies.includes(bad) ? error : bodies.map(sent)));

  test.each(["CONTENT_REFUSED", "REQUEST_REFUSED", "UNEXPECTED"] as const)(
    "that is refused (%s) is halved until one letter is refused alone; no other letter is sent twice",
    async (code) => {
      const { clock, calls, delivery } = refusing("3", failed(code));
      const outcomes = await clock.run(sendBatch(letters(5), delivery));
      expect(outcomes.map(codeOf)).toEqual(["m-0", "m-1", "m-2", code, "m-4"]);
      expect(calls).toEqual([["0", "1", "2", "3", "4"], ["0", "1", "2"], ["3", "4"], ["3"], ["4"]]);
    },
  );

  test("that a proxy refuses with a page is tried again; its parts are tried only twice", async () => {
    const { clock, calls, delivery } = refusing("1", failed("REQUEST_REFUSED", true));
    expect((await clock.run(sendBatch(letters(2), delivery))).map(codeOf)).toEqual(["m-0", "REQUEST_REFUSED"]);
    expect(calls).toEqual([...Array(3).fill(["0", "1"]), ["0"], ["1"], ["1"]]);
  });

  const ofTheLine = ["NETWORK", "TIMEOUT", "SERVICE_ERROR", "BAD_ANSWER", "ACCESS_DENIED"] as const;
  test.each(ofTheLine)("that fails by %s is not halved if two letters by themselves fail as well", async (code) => {
    const { clock, calls, delivery } = setUp(() => failed(code));
    expect((await clock.run(sendBatch(letters(4), delivery))).map(codeOf)).toEqual(Array(4).fill(code));
    expect(calls).toEqual([["0", "1", "2", "3"], ["0"], ["1"]]);
  });

  test.each(ofTheLine)("that fails by %s because of one letter is halved nevertheless", async (code) => {
    for (let bad = 0; bad < 4; bad++) {
      for (const random of [0, 0.25, 0.5, 0.75, 0.99]) {
        const { clock, calls, delivery } = refusing(String(bad), failed(code));
        const outcomes = await clock.run(sendBatch(letters(4), { ...delivery, random: () => random }));
        expect(outcomes.map(codeOf)).toEqual([0, 1, 2, 3].map((n) => (n === bad ? code : `m-${n}`)));
        const confirmed = calls.filter((bodies) => !bodies.includes(String(bad))).flat();
        expect(new Set(confirmed).size).toBe(confirmed.length);
      }
    }
  });

  test("may have arrived if an answer was lost, even if later tries reach nothing or one letter alone is refused", async () => {
    const lost = Object.assign(failed("NETWORK", true), { mayHaveArrived: true });
    const doubts = (outcomes: Awaited<ReturnType<typeof sendBatch>>) =>
      outcomes.map((outcome) => ("error" in outcome ? outcome.error.mayHaveArrived : "arrived"));
    const down = setUp((_, call) => (call === 0 ? lost : failed("NETWORK", true)));
    expect(doubts(await down.clock.run(sendBatch(letters(2), down.delivery)))).toEqual([true, true]);
    const answers = [{ error: failed("SERVICE_ERROR", true) }, { error: failed("CONTENT_REFUSED") }, sent("2")];
    const up = setUp((bodies, call) => (call === 0 ? lost : bodies.map((body) => answers[Number(body)]!)));
    expect(doubts(await up.clock.run(sendBatch(letters(3), up.delivery)))).toEqual([true, false, "arrived"]);
    const never = setUp(() => failed("NETWORK", true));
    expect(doubts(await never.clock.run(sendBatch(letters(2), never.delivery)))).toEqual([false, false]);
  });

  const ofAll = [
    "THROTTLED",
    "EXPIRED_CREDENTIALS",
    "NO_CREDENTIALS",
    "NO_SUCH_QUEUE",
    "CLOCK_SKEW",
    "ABORTED",
  ] as const;
  test.each(ofAll)("that fails by %s is not divided, because no letter would succeed by itself", async (code) => {
    const { clock, calls, delivery } = setUp(() => failed(code));
    expect((await clock.run(sendBatch(letters(2), delivery))).map(codeOf)).toEqual([code, code]);
    expect(calls).toHaveLength(1);
  });

  test("that was confirmed in part is halved without that part", async () => {
    const { clock, calls, delivery } = setUp((bodies, call) => {
      if (call === 0) return bodies.map((body) => (body < "2" ? sent(body) : { error: failed("SERVICE_ERROR", true) }));
      return bodies.includes("2") ? failed("REQUEST_REFUSED") : bodies.map(sent);
    });
    const outcomes = await clock.run(sendBatch(letters(4), delivery));
    expect(outcomes.map(codeOf)).toEqual(["m-0", "m-1", "REQUEST_REFUSED", "m-3"]);
    expect(calls).toEqual([["0", "1", "2", "3"], ["2", "3"], ["2"], ["3"]]);
  });

  test("whose answer comes after the time-out is not confirmed by this answer", async () => {
    let answerLate: (answer: EntryAnswer[]) => void = () => {};
    const set = setUp(() => new Promise((resolve) => (answerLate = resolve)), {
      policy: { ...DEFAULT_RETRY, attempts: 1 },
    });
    const sending = set.clock.run(sendBatch(letters(1), set.delivery));
    expect((await sending).map(codeOf)).toEqual(["TIMEOUT"]);
    answerLate([sent("0")]);
    await new Promise(setImmediate);
    expect((await sending).map(codeOf)).toEqual(["TIMEOUT"]);
  });

  test("of one letter is not sent again after a refusal for its content", async () => {
    const { clock, calls, delivery } = setUp(() => failed("CONTENT_REFUSED"));
    expect((await clock.run(sendBatch(letters(1), delivery))).map(codeOf)).toEqual(["CONTENT_REFUSED"]);
    expect(calls).toHaveLength(1);
  });

  test("never rejects: an error of its clock is reported as unexpected, with the cause", async () => {
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
