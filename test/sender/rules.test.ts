import fc from "fast-check";
import { createSender, type OutboxStorage, openOutbox, type RejectReason } from "../../sender/index";
import { reasonsAgainst, type SurveyRules } from "../../sender/rules";
import { LIMITS } from "../../services/ingest/limits";
import { submissionParser } from "../../services/ingest/submission";
import { accepted, batchAnswer, QUEUE_URL, stubClient, survey } from "./helpers";

const POLICY = { answerMin: 1, answerMax: 5, minAnswers: 1, minSeconds: 3, requireFreetext: true };
const RULES: SurveyRules = { ...POLICY, ...LIMITS };
const NOW = Date.UTC(2021, 8, 28, 21, 12);

/** The store function's judgement of a body. */
function storeReasons(body: string, policy = POLICY, now = NOW) {
  const parsed = submissionParser(policy)(body, now);
  return "reasons" in parsed ? parsed.reasons : [];
}

describe("the sender judges a survey as the store function does", () => {
  const digits = (length: number) =>
    fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: length, maxLength: length });
  const two = (max: number) => fc.nat(max).map((n) => String(n).padStart(2, "0"));
  const phoneTime = fc.tuple(two(13), two(32), two(99), two(24), two(60), two(61)).map((parts) => parts.join(""));
  const zone = fc.constantFrom("Z", "z", "", "+03", "-0300", "+03:00", "+24:00", "-23:59", "+00:60", "+3");
  const rfcTime = fc
    .tuple(
      fc.constantFrom("0000", "1900", "2020", "2021", "9999", "2564"),
      two(13),
      two(32),
      two(24),
      two(60),
      two(61),
      zone,
    )
    .chain(([year, month, day, hour, minute, second, zone]) =>
      fc.constantFrom("", ".", ".5", `.${"1".repeat(20)}`, `.${"1".repeat(21)}`).map((fraction) => {
        return `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${zone}`;
      }),
    );
  const time = fc.oneof(
    fc.constantFrom("092821120000", "2021-09-28T21:12:00Z", "022900000000", "123199235960", "2016-12-31T23:59:60Z"),
    phoneTime,
    rfcTime,
    digits(12),
    fc.string(),
    fc.jsonValue({ maxDepth: 1 }),
  );
  const blank = fc.constantFrom(
    "",
    " ",
    "\u200b",
    "\u0000",
    "\u2800",
    "\u{1d159}",
    "\ufe0f",
    "\u3164",
    "\u00ad",
    "\n",
    "x",
    "😀",
  );
  const freetext = fc.oneof(
    fc.array(blank, { maxLength: 4 }).map((parts) => parts.join("")),
    fc.string({ unit: "binary" }),
    fc.constantFrom(9_999, 10_000, 10_001, 20_001).map((length) => "x".repeat(length)),
    fc.constantFrom(9_999, 10_000, 10_001).map((length) => "😀".repeat(length)),
    fc.jsonValue({ maxDepth: 1 }),
  );
  const seconds = fc.oneof(
    fc.constantFrom<unknown>(0, 2.999, 3, 5, -1, -0, 1e9, 1e9 + 1, 1e308, "5", null, true),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  const name = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 12 }).map((n) => `q${n}`) },
    fc.constantFrom(
      "Q1",
      "q03",
      "q_1",
      "q 1",
      "q[1]",
      "ｑ１",
      "q١",
      "q1.5",
      "q0",
      "answers",
      "Answers",
      "q\u00a01",
      "q-1",
      "Q",
      "qq1",
    ),
    fc.constantFrom(
      "q123456789012345",
      "q1234567890123456",
      "__proto__",
      "constructor",
      "extra",
      `q${"0".repeat(70)}1`,
    ),
    fc.string({ unit: "binary", maxLength: 6 }),
  );
  const answer = fc.oneof(
    fc.integer({ min: -1, max: 7 }),
    fc.constantFrom<unknown>(1.5, "3", null, true, 1e300, -0, []),
    fc.double(),
  );
  const user = fc.oneof(
    fc.constantFrom<unknown>("0001", "a_B-9", "x".repeat(64), "x".repeat(65), "", " 1", "ü", "1\n", 1, null),
    fc.string(),
  );
  const field = (key: string, value: fc.Arbitrary<unknown>, good: unknown) =>
    fc.oneof(
      { weight: 12, arbitrary: fc.constant([[key, good]]) },
      { weight: 3, arbitrary: value.map((given) => [[key, given]]) },
      { weight: 1, arbitrary: fc.constant([]) },
    );
  const fields = fc
    .tuple(
      field("user_id", user, "0001"),
      field("timestamp", time, "092821120000"),
      field("time_elapsed", seconds, 5),
      field("freetext", freetext, "fine"),
      fc.array(
        fc.tuple(
          name,
          fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 5 }) }, { weight: 1, arbitrary: answer }),
        ),
        { maxLength: 8 },
      ),
    )
    .map((parts) => parts.flat() as [string, unknown][])
    .chain((all) => fc.shuffledSubarray(all, { minLength: all.length }));
  /** JSON written by hand, because `__proto__` is an ordinary field in JSON, but an object in JavaScript hides it. */
  const body = fields.map(
    (all) => `{${all.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`,
  );
  const policy = fc.record({
    answerMin: fc.constantFrom(1, 0, -3),
    answerMax: fc.constantFrom(5, 3, 7),
    minAnswers: fc.constantFrom(1, 0, 3),
    minSeconds: fc.constantFrom(3, 0, 60),
    requireFreetext: fc.boolean(),
  });
  const now = fc.constantFrom(NOW, Date.UTC(1999, 11, 31), Date.UTC(2050, 0, 1), Date.UTC(2099, 11, 31, 23));

  test("word for word, for any survey, rules and time", () => {
    let refused = 0;
    let taken = 0;
    fc.assert(
      fc.property(body, policy, now, (text, rules, at) => {
        const expected = storeReasons(text, rules, at);
        expect(reasonsAgainst(JSON.parse(text), { ...rules, ...LIMITS }, at)).toEqual(expected);
        if (expected.length === 0) taken++;
        else refused++;
      }),
      { numRuns: 4_000 },
    );
    expect(taken).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(200);
  });

  test.each<[string, object]>([
    ["thousands of wrong answers", Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`q${n + 1}`, 9]))],
    ["thousands of names", Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`Q${n + 1}`, 1]))],
    [
      "answers too large for an item",
      Object.fromEntries(Array.from({ length: 40_000 }, (_, n) => [`q${2 * n + 1}`, 1])),
    ],
  ])("for %s, up to a hundred reasons", (_, answers) => {
    const text = JSON.stringify(survey(answers));
    const reasons = reasonsAgainst(JSON.parse(text), RULES, NOW);
    expect(reasons).toEqual(storeReasons(text));
    expect(reasons.length).toBeGreaterThan(0);
  });
});

test("if an engine lacks Unicode's classes, rules that need them are left to the store function", () => {
  const Real = RegExp;
  const old = jest.spyOn(globalThis, "RegExp").mockImplementation(((source: string, flags?: string) => {
    if (source.includes("\\p{")) throw new SyntaxError("Invalid escape");
    return new Real(source, flags);
  }) as never);
  try {
    expect(reasonsAgainst(survey({ freetext: "\u200b", Q1: 1 }), RULES, NOW)).toEqual([]);
    expect(reasonsAgainst(survey({ freetext: " " }), RULES, NOW)).toMatchObject([{ code: "empty_freetext" }]);
  } finally {
    old.mockRestore();
  }
});

test("a rule that is left out is not checked", () => {
  const odd = survey({ q1: 99, time_elapsed: 0, freetext: "" });
  expect(reasonsAgainst(odd, {}, NOW)).toEqual([]);
  const { q1: _, ...none } = survey();
  expect(reasonsAgainst(none, { answerMin: 1 }, NOW)).toEqual([]);
});

describe("a sender with its stack's rules", () => {
  const bad = survey({ q1: 9, time_elapsed: 1 });
  const reasons = [
    { code: "too_quick", field: "time_elapsed", message: "time_elapsed must be at least 3 seconds" },
    { code: "invalid", field: "q1", message: "q1 must be a whole number from 1 to 5" },
  ];
  const error = {
    code: "AGAINST_RULES",
    message: `The stack would not accept 0001092821120000: ${reasons.map(({ message }) => message).join("; ")}.`,
    retryable: false,
    reasons,
  };
  const refused = { statusCode: 400, submissionId: "0001092821120000", error };
  const setUp = (rules: SurveyRules | false | undefined, ofOutput?: SurveyRules) => {
    const { client, requests } = stubClient((request) =>
      request.action === "SendMessage" ? accepted() : batchAnswer(request),
    );
    const sender = createSender({ queueUrl: QUEUE_URL, rules: ofOutput }, { client, rules, retry: { attempts: 1 } });
    return { sender, requests };
  };

  test("answers 400 with all reasons at once, and sends nothing", async () => {
    const { sender, requests } = setUp(undefined, RULES);
    expect(await sender.sendSurvey(bad)).toEqual(refused);
    expect(await sender.sendSurveys([survey(), bad])).toMatchObject([{ statusCode: 200 }, refused]);
    expect(requests).toHaveLength(1);
    expect(JSON.parse(JSON.stringify(refused))).toEqual(refused);
  });

  test.each<[string, SurveyRules | false | undefined, SurveyRules | undefined]>([
    ["without rules", undefined, undefined],
    ["with the check switched off", false, RULES],
    ["with looser rules from an option", { ...RULES, answerMax: 9, minSeconds: 0 }, RULES],
  ])("%s leaves it to the store function", async (_, rules, ofOutput) => {
    expect(await setUp(rules, ofOutput).sender.sendSurvey(bad)).toMatchObject({ statusCode: 200 });
  });

  test("an outbox answers 400 with the reasons, and sets the survey aside", async () => {
    const { sender, requests } = setUp(undefined, RULES);
    const entries = new Map<string, string | Uint8Array>();
    const aside: RejectReason[] = [];
    const storage: OutboxStorage = {
      names: async () => [...entries.keys()],
      read: async (name) => entries.get(name),
      save: async (name, content) => void entries.set(name, content),
      remove: async (name) => void entries.delete(name),
      async setAside(name, reason) {
        entries.delete(name);
        aside.push(reason);
      },
    };
    const outbox = openOutbox(storage, sender);
    expect(await outbox.save(bad)).toMatchObject(refused);
    expect(await outbox.save(survey())).toMatchObject({ statusCode: 200 });
    expect(aside).toMatchObject([error]);
    expect((await outbox.flush()).sent).toHaveLength(1);
    expect(requests).toHaveLength(1);
  });

  test("letters that wait in an outbox are sent unchecked, because the stack's rules may have changed", async () => {
    const { sender } = setUp(undefined, RULES);
    const entries = new Map([["a", JSON.stringify(bad)]]);
    const storage = {
      names: async () => [...entries.keys()],
      read: async (name: string) => entries.get(name),
      remove: async (name: string) => void entries.delete(name),
    };
    expect((await openOutbox(storage as never, sender).flush()).sent).toHaveLength(1);
  });
});
