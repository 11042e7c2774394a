import fc from "fast-check";
import { deliver } from "../../sender/deliver";
import type { SenderError } from "../../sender/index";
import type { Letter } from "../../sender/letter";
import { DEFAULT_RETRY } from "../../sender/retry";
import type { LetterOutcome } from "../../sender/sendBatch";
import { codeOf, failed, letters, sent, setUp } from "./delivery";

/** Delivers so many letters. @returns the fate of each, in the order of the reports */
async function deliverAll(count: number, { clock, delivery }: ReturnType<typeof setUp>) {
  const reports: [string, string | undefined][] = [];
  await clock.run(deliver(letters(count), delivery, ({ text }, outcome) => void reports.push([text, codeOf(outcome)])));
  return reports;
}

describe("a delivery", () => {
  test("reports each letter once, in the order of the batches", async () => {
    const set = setUp((bodies) => bodies.map(sent));
    expect(await deliverAll(12, set)).toEqual(letters(12).map(({ text }) => [text, `m-${text}`]));
    expect(set.calls.map(({ length }) => length)).toEqual([10, 2]);
  });

  const once = { policy: { ...DEFAULT_RETRY, attempts: 1 } };

  test("ends at once if the caller aborts; the other letters were not tried, and may be tried later", async () => {
    const set = setUp(() => failed("ABORTED", true), once);
    const outcomes: LetterOutcome[] = [];
    await set.clock.run(deliver(letters(21), set.delivery, (_, outcome) => void outcomes.push(outcome)));
    expect(outcomes.map(codeOf)).toEqual([...Array(10).fill("ABORTED"), ...Array(11).fill("NOT_TRIED")]);
    expect(outcomes[10]).toMatchObject({
      error: {
        message: "Not tried, because requests before it failed: why ABORTED",
        retryable: true,
        cause: { code: "ABORTED" },
      },
    });
    expect(set.calls).toHaveLength(1);
  });

  test.each<[SenderError["code"], boolean]>([
    ["NO_SUCH_QUEUE", false],
    ["ACCESS_DENIED", false],
    ["NETWORK", true],
    ["THROTTLED", true],
  ])("ends with the second batch that fails by %s", async (code, retryable) => {
    const set = setUp(() => failed(code, retryable), once);
    const reports = await deliverAll(31, set);
    expect(reports.map(([, outcome]) => outcome)).toEqual([...Array(20).fill(code), ...Array(11).fill("NOT_TRIED")]);
  });

  test("ends if everything is refused, and sets no letter aside, because the line may be to blame", async () => {
    const set = setUp(() => failed("REQUEST_REFUSED"), once);
    const reports = new Map(await deliverAll(31, set));
    expect(letters(31).map(({ text }) => reports.get(text))).toEqual([
      ...Array(20).fill("REQUEST_REFUSED"),
      ...Array(11).fill("NOT_TRIED"),
    ]);
    expect(reports.size).toBe(31);
  });

  const refusing = (bad: (body: string) => boolean, code: SenderError["code"] = "REQUEST_REFUSED") =>
    setUp((bodies) => (bodies.some(bad) ? failed(code) : bodies.map(sent)), once);

  test.each(["REQUEST_REFUSED", "UNEXPECTED"] as const)(
    "a letter that is refused alone (%s) counts as never to be sent, once other letters of its batch got through",
    async (code) => {
      const set = refusing((body) => body === "9", code);
      const outcomes: LetterOutcome[] = [];
      await set.clock.run(deliver(letters(10), set.delivery, (_, outcome) => void outcomes.push(outcome)));
      expect(outcomes[9]).toMatchObject({
        error: {
          code: "CONTENT_REFUSED",
          message: `This letter is refused alone, and others get through: why ${code}`,
          retryable: false,
          cause: { code },
        },
      });
      expect(outcomes.slice(0, 9).map(codeOf)).toEqual(letters(9).map(({ text }) => `m-${text}`));
    },
  );

  test("a batch whose letters are all refused is set aside once the next batch gets through", async () => {
    const reports = new Map(
      await deliverAll(
        12,
        refusing((body) => Number(body) < 10),
      ),
    );
    expect(letters(12).map(({ text }) => reports.get(text))).toEqual([
      ...Array(10).fill("CONTENT_REFUSED"),
      "m-10",
      "m-11",
    ]);
  });

  test("a letter alone in its batch is set aside if the batch before it got through; otherwise it waits", async () => {
    const alone = refusing((body) => body === "0");
    expect(await deliverAll(1, alone)).toEqual([["0", "REQUEST_REFUSED"]]);
    expect(
      (
        await deliverAll(
          11,
          refusing((body) => body === "10"),
        )
      ).at(-1),
    ).toEqual(["10", "CONTENT_REFUSED"]);
  });

  test("a letter that fails alone, but not by a refusal, waits", async () => {
    const set = refusing((body) => body === "3", "NETWORK");
    expect((await deliverAll(10, set)).map(([, code]) => code)).toEqual(
      letters(10).map(({ text }) => (text === "3" ? "NETWORK" : `m-${text}`)),
    );
  });

  test("goes on if single letters are refused for their content, however many they are", async () => {
    const set = setUp((bodies) => bodies.map(() => ({ error: failed("CONTENT_REFUSED") })));
    expect((await deliverAll(50, set)).every(([, code]) => code === "CONTENT_REFUSED")).toBe(true);
    expect(set.calls).toHaveLength(5);
  });

  test("if an entry fails for a reason that concerns all, its batch counts as failed for this reason", async () => {
    const set = setUp((bodies) =>
      bodies.map((body) => ({ error: failed(body.endsWith("9") ? "ACCESS_DENIED" : "CONTENT_REFUSED") })),
    );
    expect((await deliverAll(30, set)).slice(20).map(([, code]) => code)).toEqual(Array(10).fill("NOT_TRIED"));
  });

  test("the error that no retry can mend counts, even if another error came first", async () => {
    const mixed = (bodies: string[], call: number) =>
      bodies.map((body) => ({
        error: body.endsWith("1") ? failed("ACCESS_DENIED") : failed(call === 0 ? "THROTTLED" : "SERVICE_ERROR", true),
      }));
    expect((await deliverAll(30, setUp(mixed, once))).slice(20).map(([, code]) => code)).toEqual(
      Array(10).fill("NOT_TRIED"),
    );
  });

  test.each<[string, SenderError["code"][], number | undefined]>([
    ["two in a row, in the same way", ["THROTTLED", "THROTTLED"], 2],
    ["three in a row, in any way", ["THROTTLED", "CLOCK_SKEW", "THROTTLED"], 3],
    ["a batch in between gets through", ["THROTTLED", "UNEXPECTED", "THROTTLED"], undefined],
    [
      "a batch in between starts the count anew",
      ["THROTTLED", "UNEXPECTED", "THROTTLED", "CLOCK_SKEW", "NO_REGION"],
      5,
    ],
  ])("gives up: %s", async (_, codes, batchesTried) => {
    const set = setUp((bodies) => {
      const code = codes[Math.floor(Number(bodies[0]) / 10)];
      return code === undefined || code === "UNEXPECTED" ? bodies.map(sent) : failed(code, true);
    }, once);
    const first = (await deliverAll(70, set)).findIndex(([, code]) => code === "NOT_TRIED");
    expect(first).toBe(batchesTried === undefined ? -1 : 10 * batchesTried);
  });

  test("sends as many batches at the same time as it may", async () => {
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

describe("with one bad letter of any kind", () => {
  const codes = fc.constantFrom<SenderError["code"]>(
    ...(["CONTENT_REFUSED", "REQUEST_REFUSED", "UNEXPECTED", "ACCESS_DENIED"] as const),
    ...(["BAD_ANSWER", "NETWORK", "SERVICE_ERROR", "TIMEOUT"] as const),
  );

  test("all other letters are sent in one delivery, each once; each letter is reported once; the delivery does not give up", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 35 }).chain((count) => fc.tuple(fc.constant(count), fc.nat(count - 1))),
        codes,
        fc.boolean(),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1, maxLength: 5 }),
        async ([count, bad], code, retryable, concurrency, randoms) => {
          let drawn = 0;
          const taken: string[] = [];
          const set = setUp(
            (bodies) => {
              if (bodies.includes(String(bad))) return failed(code, retryable);
              taken.push(...bodies);
              return bodies.map(sent);
            },
            { concurrency, random: () => randoms[drawn++ % randoms.length] as number },
          );
          const reports = await deliverAll(count, set);
          const others = letters(count).flatMap(({ text }) => (text === String(bad) ? [] : [text]));
          expect(taken.sort()).toEqual([...others].sort());
          expect(reports.map(([text]) => text).sort()).toEqual([...others, String(bad)].sort());
          expect(reports.filter(([text]) => text !== String(bad)).every(([text, id]) => id === `m-${text}`)).toBe(true);
          expect(set.calls.length).toBeLessThan(60);
        },
      ),
      { numRuns: 200 },
    );
  });
});
