import fc from "fast-check";
import { isQuestion, lookalike, questionRanges, questionsAmong } from "../../../services/ingest/questions";

test.each(["q1", "q9", "q10", "q999999999999999"])("%s is a question", (name) => {
  expect(isQuestion(name)).toBe(true);
});

test.each([
  "q",
  "q0",
  "q01",
  "q1.5",
  "q-1",
  "q1e3",
  "Q1",
  " q1",
  "q1\n",
  "qq1",
  "q१",
  "q1000000000000000", // more than a number holds exactly
])("%j is not a question", (name) => {
  expect(isQuestion(name)).toBe(false);
});

test("questions come in the order of their numbers", () => {
  expect(questionsAmong(["q10", "user_id", "q9", "q1", "q01"])).toEqual(["q1", "q9", "q10"]);
  expect(questionsAmong(["q999999999999999", "q999999999999998", "q2"])).toEqual([
    "q2",
    "q999999999999998",
    "q999999999999999",
  ]);
});

describe("a field that looks like a question but isn't one", () => {
  test.each([
    ["Q1", "q1"],
    ["q03", "q3"],
    ["Q0010", "q10"],
    ["q 1", "q1"],
    ["q_1", "q1"],
    ["Q-12", "q12"],
    ["q.1", "q1"],
    ["q#1", "q1"],
    ["q[1]", "q1"],
    [" q1", "q1"],
    ["q1\n", "q1"],
    ["_q1_", "q1"],
    ["q1?", "q1"],
    ["q1\u200b", "q1"],
    ["q\u00a01", "q1"],
    ["ｑ１", "q1"],
    ["q¹", "q1"],
    ["q000000000000000000001", "q1"],
  ])("%j is meant to be %s", (name, meant) => {
    expect(lookalike(name)).toEqual({ meant });
  });

  test.each([
    ["q0", "questions begin with 1"],
    ["q000", "questions begin with 1"],
    ["q1.5", "it may be 1 or 15"],
    ["q1_2", "it may be a part of 1, or 12"],
    ["q1000000000000000", "it is more than a number holds exactly"],
    [`q${"9".repeat(63)}`, "it is more than a number holds exactly"],
    ["q१", "digits of other scripts are not ours to read"],
    ["q١2", "digits of other scripts are not ours to read"],
    ["answers", "it is meant to hold questions"],
    ["Answers", "it is meant to hold questions"],
    ["ANSWERS[]", "it is meant to hold questions"],
  ])("%j is meant to be a question, but it is unclear which one: %s", (name) => {
    expect(lookalike(name)).toEqual({ meant: undefined });
  });

  test.each([
    "q1",
    "q999999999999999",
    "q",
    "Q",
    "",
    "qq1",
    "q1e3",
    "q1a",
    "q1_time",
    "q1_started_at",
    "quality",
    "qr1",
    "1",
    "x1",
    "question1",
    "answer",
    "answers_count",
    "my_answers",
    "user_id",
    "timestamp",
    "time_elapsed",
    "freetext",
    "__proto__",
    `q${" ".repeat(63)}1`,
    `Q${"0".repeat(1_000_000)}1`,
  ])("%.40j is no such field", (name) => {
    expect(lookalike(name)).toBeUndefined();
  });

  test("the suggested meaning is always a question, and a question is never mistaken for a misspelled one", () => {
    const name = fc.string({ unit: fc.constantFrom(..."qQ0123 _-.ｑ１١²"), maxLength: 8 });
    fc.assert(
      fc.property(name, (text) => {
        const found = lookalike(text);
        if (isQuestion(text)) expect(found).toBeUndefined();
        if (found?.meant !== undefined) expect(isQuestion(found.meant)).toBe(true);
      }),
    );
  });
});

describe("questionRanges", () => {
  test.each([
    [[], "none"],
    [["q1"], "1"],
    [["q1", "q2", "q3"], "1-3"],
    [["q1", "q2", "q3", "q5"], "1-3,5"],
    [["q2", "q4", "q5", "q999999999999999"], "2,4-5,999999999999999"],
    [["q999999999999998", "q999999999999999"], "999999999999998-999999999999999"],
  ])("%j is %s", (questions, expected) => {
    expect(questionRanges(questions)).toBe(expected);
  });

  test("the text names exactly the questions, so equal texts mean equal questions", () => {
    const numbers = fc.uniqueArray(
      fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 999_999_999_999_999 })),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(numbers, (unordered) => {
        const questions = questionsAmong(unordered.map((number) => `q${number}`));
        expect(expand(questionRanges(questions))).toEqual(questions);
      }),
    );
  });

  function expand(ranges: string): string[] {
    if (ranges === "none") return [];
    return ranges.split(",").flatMap((range) => {
      const [first, last = first] = range.split("-").map(Number) as [number, number?];
      return Array.from({ length: last - first + 1 }, (_, index) => `q${first + index}`);
    });
  }
});
