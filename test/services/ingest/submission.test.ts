import fc from "fast-check";
import {
  type ParsedSubmission,
  type Reason,
  type Submission,
  submissionParser,
} from "../../../services/ingest/submission";
import { body, POLICY, questions, SENT_AT, survey } from "./submissions";

const parse = submissionParser(POLICY);

function accepted(text: string, parser = parse, sentAt = SENT_AT): Submission {
  const parsed = parser(text, sentAt);
  if ("reasons" in parsed) throw new Error(`refused: ${JSON.stringify(parsed.reasons)}`);
  return parsed.submission;
}

function refused(text: string, parser = parse): Extract<ParsedSubmission, { reasons: Reason[] }> {
  const parsed = parser(text, SENT_AT);
  if (!("reasons" in parsed)) throw new Error("accepted");
  return parsed;
}

const codes = (text: string, parser = parse) => refused(text, parser).reasons.map(({ code }) => code);
const codesByField = (text: string, parser = parse) =>
  refused(text, parser).reasons.map(({ field, code }) => `${field} ${code}`);

describe("a submission that is accepted", () => {
  test("it is identified by user and timestamp, and its answers come in the order of their numbers", () => {
    expect(accepted(body({ q10: 3, q2: 2, q1: 1 }))).toEqual({
      id: "0001092821120000",
      userId: "0001",
      timestamp: "092821120000",
      submittedAt: "2021-09-28T12:00:00.000000000Z",
      implausibleTime: false,
      timeElapsed: 5,
      answers: new Map(Object.entries({ q1: 1, q2: 2, q10: 3 })),
      freetext: "fine",
    });
  });

  test.each([
    ["an RFC 3339 timestamp", { timestamp: "2021-09-28T12:00:00+02:00" }],
    ["a timestamp as ODK writes it", { timestamp: "2021-09-28T12:00:00.000+03" }],
    ["a timestamp with a zone in ISO 8601's basic form", { timestamp: "2021-09-28T12:00:00+0300" }],
    ["a timestamp of another century", { timestamp: "092864120000" }],
    ["exactly the fewest answers", { q2: undefined }],
    ["exactly the minimum seconds", { time_elapsed: 3 }],
    ["a lifetime of seconds", { time_elapsed: 1_000_000_000 }],
    ["a user_id of 64 characters", { user_id: "a".repeat(64) }],
    ["a user_id of all kinds of characters", { user_id: "A-z_9" }],
    ["free text of 10,000 emoji", { freetext: "😀".repeat(10_000) }],
    ["free text with NUL and half a surrogate pair", { freetext: "\0 \ud800" }],
    ["free text of one letter between invisible characters", { freetext: "\u200b\0a\ufeff" }],
    ["free text of one emoji with its variation selector", { freetext: "☀\ufe0f" }],
    ["free text in another script", { freetext: "ดี" }],
    ["free text of one full stop", { freetext: "." }],
    ["a question with a high number", { q999999999999: 5 }],
  ])("it may have %s", (_, fields) => {
    expect(accepted(body(fields)).userId).toBe(survey(fields).user_id);
  });

  test.each(["q", "q1_started_at", "question1", "quality", "answer", "constructor", "hasOwnProperty"])(
    "a field %s is unknown and does not matter",
    (field) => {
      expect([...accepted(body({ [field]: "whatever" })).answers.keys()]).toEqual(["q1", "q2"]);
    },
  );

  test.each([
    ["the Thai calendar", "2564-09-28T21:12:00Z", "2564-09-28T21:12:00.000000000Z"],
    ["the Thai calendar in two digits", "092864211200", "2064-09-28T21:12:00.000000000Z"],
    ["the epoch in two digits", "010170000005", "2070-01-01T00:00:05.000000000Z"],
    ["a year ahead", "2022-09-28T12:00:00Z", "2022-09-28T12:00:00.000000000Z"],
  ])("it may have an implausible time, which is then marked: %s", (_, timestamp, submittedAt) => {
    expect(accepted(body({ timestamp }))).toMatchObject({ submittedAt, implausibleTime: true });
  });

  test("its time is judged by the send time, so all deliveries of a message get the same judgement", () => {
    const text = body({ timestamp: "2022-09-28T12:00:00Z" });
    const verdict = (sentAt: number) => accepted(text, parse, sentAt).implausibleTime;
    const aYearLater = Date.UTC(2022, 8, 28, 12);
    expect([SENT_AT, SENT_AT, aYearLater].map(verdict)).toEqual([true, true, false]);
  });

  test("it may have no answers if the policy requires none", () => {
    const parser = submissionParser({ ...POLICY, minAnswers: 0 });
    expect(accepted(body({ q1: undefined, q2: undefined }), parser).answers.size).toBe(0);
  });

  test("if a key is there twice, the last value counts, as everywhere in JSON", () => {
    expect(accepted('{"q1":9,"q1":2,"user_id":"x",'.concat(body().slice(1))).answers.get("q1")).toBe(1);
    expect(accepted(body().replace("}", ',"q1":4}')).answers.get("q1")).toBe(4);
  });

  test("minus zero and 3.0 are whole numbers", () => {
    const parser = submissionParser({ ...POLICY, answerMin: -1 });
    const { answers } = accepted(body().replace('"q1":1', '"q1":-0').replace('"q2":2', '"q2":3.0'), parser);
    expect([...answers.values()].map(String)).toEqual(["0", "3"]);
  });

  test("without the policy on free text, the text may be empty, blank or missing", () => {
    const parser = submissionParser({ ...POLICY, requireFreetext: false });
    expect([undefined, "", " "].map((freetext) => accepted(body({ freetext }), parser).freetext)).toEqual([
      undefined,
      "",
      " ",
    ]);
  });

  test("twenty thousand questions fit", () => {
    expect(accepted(body(questions(20_000))).answers.size).toBe(20_000);
  });
});

describe("a body that is refused", () => {
  test.each([
    ["nothing", "", "not_json"],
    ["a space", " ", "not_json"],
    ["half an object", body().slice(0, -1), "not_json"],
    ["an object behind a byte order mark", `\ufeff${body()}`, "not_json"],
    ["single quotes", body().replaceAll('"', "'"), "not_json"],
    ["NaN", '{"q1":NaN}', "not_json"],
    ["a raw control character in a text", body({ freetext: "@" }).replace("@", "\0"), "not_json"],
    ["null", "null", "not_an_object"],
    ["an array", `[${body()}]`, "not_an_object"],
    ["a text", '"text"', "not_an_object"],
    ["a number", "17", "not_an_object"],
    ["true", "true", "not_an_object"],
  ])("%s: %s", (_, text, code) => {
    expect(refused(text)).toMatchObject({ id: undefined, reasons: [{ code }] });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["a number", { user_id: 7 }, "user_id invalid"],
    ["empty", { user_id: "" }, "user_id invalid"],
    ["65 characters long", { user_id: "a".repeat(65) }, "user_id invalid"],
    ["a path", { user_id: "../../etc/passwd" }, "user_id invalid"],
    ["two lines", { user_id: "a\nb" }, "user_id invalid"],
    ["ended by a line break", { user_id: "a\n" }, "user_id invalid"],
    ["with a NUL", { user_id: "a\0" }, "user_id invalid"],
    ["no ASCII", { user_id: "ä" }, "user_id invalid"],
    ["left away", { user_id: undefined }, "user_id invalid"],
    ["a number", { timestamp: 92821120000 }, "timestamp invalid"],
    ["no moment", { timestamp: "022921120000" }, "timestamp invalid"],
    ["3,000 digits long", { timestamp: `2021-09-28T12:00:00.${"1".repeat(3_000)}Z` }, "timestamp invalid"],
    ["a text", { time_elapsed: "5" }, "time_elapsed invalid"],
    ["negative", { time_elapsed: -1 }, "time_elapsed invalid"],
    ["more than DynamoDB holds", { time_elapsed: 1e200 }, "time_elapsed invalid"],
    ["null", { time_elapsed: null }, "time_elapsed invalid"],
    ["too few", { time_elapsed: 2.99 }, "time_elapsed too_quick"],
    ["zero", { time_elapsed: 0 }, "time_elapsed too_quick"],
    ["empty", { freetext: "" }, "freetext empty_freetext"],
    ["blank", { freetext: " \n\t\u00a0\ufeff" }, "freetext empty_freetext"],
    ["of zero-width characters", { freetext: "\u200b\u200c\u200d\u2060" }, "freetext empty_freetext"],
    ["of NULs", { freetext: "\0\0" }, "freetext empty_freetext"],
    ["of control characters", { freetext: "\u0001\u001b\u007f\u0085\u009f" }, "freetext empty_freetext"],
    ["of direction marks", { freetext: "\u200e\u200f\u202a\u202e\u2066\u061c" }, "freetext empty_freetext"],
    ["of fillers", { freetext: "\u115f\u1160\u3164\uffa0" }, "freetext empty_freetext"],
    ["of variation selectors and tags", { freetext: "\ufe0f\u{e0100}\u{e0041}" }, "freetext empty_freetext"],
    ["of joiners", { freetext: "\u034f\u17b4\u180e" }, "freetext empty_freetext"],
    ["of separators", { freetext: "\u2028\u2029\u3000\u1680" }, "freetext empty_freetext"],
    ["of soft hyphens", { freetext: "\u00ad" }, "freetext empty_freetext"],
    ["of symbols that are drawn blank", { freetext: "\u2800\u{1d159}" }, "freetext empty_freetext"],
    ["left away", { freetext: undefined }, "freetext empty_freetext"],
    ["null", { freetext: null }, "freetext invalid"],
    ["10,001 characters long", { freetext: "x".repeat(10_001) }, "freetext invalid"],
    ["10,001 emoji long", { freetext: "😀".repeat(10_001) }, "freetext invalid"],
    ["a text", { q1: "1" }, "q1 invalid"],
    ["a fraction", { q1: 1.5 }, "q1 invalid"],
    ["too high", { q1: 6 }, "q1 invalid"],
    ["too low", { q1: 0 }, "q1 invalid"],
    ["a fraction above the highest", { q1: 99.5 }, "q1 invalid"],
    ["null", { q1: null }, "q1 invalid"],
    ["true", { q1: true }, "q1 invalid"],
    ["an object without a text of its own", { q1: { toString: 1, valueOf: 1 } }, "q1 invalid"],
  ])("a field is %s: %j gives %s", (_, fields, reason) => {
    expect(codesByField(body(fields))).toEqual([reason]);
  });

  test.each([
    ["time_elapsed", '"time_elapsed":5', '"time_elapsed":1e400'],
    ["q1", '"q1":1', '"q1":1e400'],
    ["q1", '"q1":1', '"q1":-1e-400'],
    ["q1", '"q1":1', '"q1":123456789012345678901234567890'],
  ])("%s is a number that JavaScript cannot hold: %s as %s", (field, from, to) => {
    expect(new Set(codesByField(body().replace(from, to)))).toEqual(new Set([`${field} invalid`]));
  });

  test("all problems are listed together, of types and of policy", () => {
    const wrong = { user_id: "a/b", timestamp: "x", time_elapsed: 1, freetext: "", q1: 7, q2: "y" };
    expect(codesByField(body(wrong))).toEqual([
      "user_id invalid",
      "timestamp invalid",
      "time_elapsed too_quick",
      "freetext empty_freetext",
      "q1 invalid",
      "q2 invalid",
    ]);
  });

  test("an empty object lacks each field, with a reason for each", () => {
    expect(codesByField("{}")).toEqual([
      "user_id invalid",
      "timestamp invalid",
      "time_elapsed invalid",
      "freetext empty_freetext",
      "undefined too_few_answers",
    ]);
  });

  test.each([
    ["Q1", '"Q1" must be named q1'],
    ["q03", '"q03" must be named q3'],
    ["q 1", '"q 1" must be named q1'],
    ["q\u00a01", '"q\\u{a0}1" must be named q1'],
    ["q1.5", '"q1.5" is not a question: each answer is a field of its own, named q1, q2 and so on'],
    ["q0", '"q0" is not a question: each answer is a field of its own, named q1, q2 and so on'],
    ["answers", '"answers" is not a question: each answer is a field of its own, named q1, q2 and so on'],
  ])("a field %j beside real questions looks like a question but isn't", (field, message) => {
    expect(refused(body({ [field]: 1 })).reasons).toEqual([{ code: "not_a_question", field, message }]);
  });

  test.each<[string, Record<string, unknown>, string[]]>([
    ["no answers", {}, ["undefined too_few_answers"]],
    ["renamed questions", { Q1: 1, Q2: 2 }, ["undefined too_few_answers", "Q1 not_a_question", "Q2 not_a_question"]],
    ["nested answers", { answers: { q1: 1, q2: 2 } }, ["undefined too_few_answers", "answers not_a_question"]],
    ["a list of answers", { answers: [1, 2] }, ["undefined too_few_answers", "answers not_a_question"]],
    ["questions under an unknown name", { question1: 1, data: { q1: 1 } }, ["undefined too_few_answers"]],
  ])("with %s it would wipe the results", (_, fields, reasons) => {
    expect(codesByField(body({ q1: undefined, q2: undefined, ...fields }))).toEqual(reasons);
  });

  test("fewer answers than the policy requires are too few; an invalid answer doesn't count as missing as well", () => {
    const parser = submissionParser({ ...POLICY, minAnswers: 3 });
    expect(refused(body(), parser).reasons).toEqual([
      {
        code: "too_few_answers",
        message: "there are 2 answers named q1, q2 and so on, and there must be at least 3",
      },
    ]);
    expect(accepted(body({ q3: 3 }), parser).answers.size).toBe(3);
    expect(codesByField(body({ q3: 9 }), parser)).toEqual(["q3 invalid"]);
  });

  test("it keeps its id if user and timestamp are valid, and otherwise has none", () => {
    expect(refused(body({ q1: 9 })).id).toBe("0001092821120000");
    expect(refused(body({ timestamp: "x" })).id).toBeUndefined();
    expect(refused('{"__proto__":{"user_id":"evil","timestamp":"092821120000"}}').id).toBeUndefined();
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["a hundred", renamed(questions(100), ([question]) => [question, 99]), "q100 must be a whole number from 1 to 5"],
    ["a hundred and one", renamed(questions(101), ([question]) => [question, 99]), "and more of this kind"],
    ["tens of thousands", renamed(questions(20_000), ([question]) => [question, 99]), "and more of this kind"],
    [
      "tens of thousands of names",
      renamed(questions(20_000), ([name]) => [`Q${name}`.replace("q", ""), 1]),
      "and more of this kind",
    ],
  ])("of %s reasons the first hundred are listed, with a note that there are more", (_, wrong, last) => {
    const { reasons } = refused(body({ q1: 99, ...wrong }));
    expect(reasons.length).toBe(last === "and more of this kind" ? 101 : 100);
    expect(reasons.at(-1)?.message).toBe(last);
  });

  test("reasons about the whole body are not lost among tens of thousands of answers", () => {
    const wrong = renamed(questions(50_000), ([question]) => [question, 99]);
    expect(codesByField(body({ ...wrong, time_elapsed: 1 })).slice(0, 3)).toEqual([
      "time_elapsed too_quick",
      "undefined item_too_large",
      "q1 invalid",
    ]);
  });

  test("checking stops once no further reason can be reported", () => {
    const looks = jest.spyOn(Number, "isInteger");
    refused(body(renamed(questions(50_000), ([question]) => [question, 99])));
    const { length } = looks.mock.calls;
    looks.mockRestore();
    expect([length > 0, length <= 101]).toEqual([true, true]);
  });

  test.each([
    ["50,000 questions in a row", questions(50_000)],
    ["25,000 questions with gaps, whose numbers are stored a second time", gaps(25_000)],
  ])("%s do not fit into an item", (_, answers) => {
    expect(codes(body(answers))).toEqual(["item_too_large"]);
  });

  test("if it is nested deeper than the stack allows, it is refused like any other value", () => {
    const deep = "[".repeat(500_000) + "]".repeat(500_000);
    expect(codesByField(body().replace('"q1":1', `"q1":${deep}`))).toEqual(["q1 invalid"]);
    expect(codesByField(body().replace('"fine"', deep))).toEqual(["freetext invalid"]);
  });

  function renamed(
    answers: Record<string, number>,
    change: (entry: [string, number]) => [string, number],
  ): Record<string, number> {
    return Object.fromEntries(Object.entries(answers).map(change));
  }

  function gaps(count: number): Record<string, number> {
    return Object.fromEntries(Array.from({ length: count }, (_, index) => [`q${2 * index + 100_001}`, 1]));
  }
});

test("reasons never contain answers or free text", () => {
  const wrong = { freetext: `secret ${"x".repeat(10_000)}`, q1: "secret", q2: 4711 };
  expect(JSON.stringify(refused(body(wrong)).reasons)).not.toMatch(/secret|4711/);
});

test("a field of a megabyte takes no noticeable time", () => {
  // CPU time instead of the clock, because other processes do not slow it down.
  const before = process.cpuUsage();
  for (const field of ["user_id", "timestamp", "freetext", "q1", "time_elapsed"]) {
    for (const unit of ["0", "a", " ", "😀"]) {
      parse(body({ [field]: unit.repeat(1_000_000 / unit.length) }), SENT_AT);
    }
  }
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(10);
});

test("any JSON is either accepted or refused with reasons; nothing is thrown", () => {
  const anything = fc.record(
    {
      user_id: fc.oneof(fc.constant("0001"), fc.jsonValue()),
      timestamp: fc.oneof(fc.constant("092821120000"), fc.jsonValue()),
      time_elapsed: fc.oneof(fc.double(), fc.jsonValue()),
      freetext: fc.oneof(fc.string(), fc.jsonValue()),
      q1: fc.oneof(fc.integer({ min: 0, max: 6 }), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(anything, fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue())), (value) => {
      const parsed = parse(JSON.stringify(value), SENT_AT);
      if ("reasons" in parsed) expect(parsed.reasons.length).toBeGreaterThan(0);
      else expect(parsed.submission.id).toBe(parsed.submission.userId + parsed.submission.timestamp);
    }),
  );
});

test("no two submissions share an id, although an id is just the user with the timestamp behind it", () => {
  const userId = fc.string({ unit: fc.constantFrom(..."0129T-Z_"), minLength: 1, maxLength: 30 });
  const timestamp = fc.constantFrom(
    "092821120000",
    "010101000000",
    "2021-09-28T12:00:00Z",
    "0121-09-28T12:00:00-01:00",
    "2021-09-28T12:00:00-01",
    "2021-09-28T12:00:00-0101",
  );
  fc.assert(
    fc.property(userId, timestamp, userId, timestamp, (user, time, otherUser, otherTime) => {
      fc.pre(user !== otherUser || time !== otherTime);
      expect(user + time).not.toBe(otherUser + otherTime);
    }),
    { numRuns: 1_000 },
  );
});
