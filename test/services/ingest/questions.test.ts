import fc from "fast-check";
import { isQuestion, questionRanges, questionsAmong } from "../../../services/ingest/questions";

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

  test("the text names exactly the questions, so that equal texts are equal questions", () => {
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
