import fc from "fast-check";
import { isNewer, resultWrite, type StoredResult } from "../../../services/ingest/resultItem";
import { questions, submission } from "./submissions";

/** The item that a submission makes if there was none. */
function itemOf(...fields: Parameters<typeof submission>): StoredResult {
  const { userId, timestamp, submittedAt } = submission(...fields);
  return {
    user_id: { S: userId },
    timestamp: { S: timestamp },
    submitted_at: { S: submittedAt },
    questions: { S: "1-2" },
    num_submission: { N: "3" },
    q1: { N: "1" },
    q2: { N: "2" },
  };
}

const LATER = { timestamp: "092921120000" };

describe("isNewer", () => {
  test.each([
    ["a later day", "092921120000", "092821120000", true],
    ["an earlier day", "092721120000", "092821120000", false],
    ["another year, which the text would sort the other way", "010122120000", "123121120000", true],
    ["the same moment in a form that sorts behind", "2021-09-28T12:00:00Z", "092821120000", true],
    ["the same moment in a form that sorts before", "092821120000", "2021-09-28T12:00:00Z", false],
  ])("%s: %s after %s is %s", (_, timestamp, stored, expected) => {
    expect(isNewer(submission({ timestamp }), itemOf({ timestamp: stored }))).toBe(expected);
  });

  test("anything is newer than an item that has no submission yet", () => {
    expect(isNewer(submission(), { user_id: { S: "0001" } })).toBe(true);
  });

  test("exactly one of two submissions is the newer one, whichever is stored", () => {
    const timestamp = fc.constantFrom(
      "092821120000",
      "092821120001",
      "2021-09-28T12:00:00Z",
      "2021-09-28t12:00:00z",
      "2021-09-28T13:00:00+01:00",
      "2021-09-28T12:00:00.1Z",
    );
    fc.assert(
      fc.property(timestamp, timestamp, (a, b) => {
        fc.pre(a !== b);
        const [first, second] = [submission({ timestamp: a }), submission({ timestamp: b })];
        expect(isNewer(first, itemOf({ timestamp: b }))).toBe(!isNewer(second, itemOf({ timestamp: a })));
      }),
    );
  });
});

describe("the write", () => {
  test("an older submission changes only the count", () => {
    const { Update } = resultWrite("results", submission(), itemOf(LATER));
    expect(Update?.UpdateExpression).toBe("ADD num_submission :one");
  });

  test.each([
    ["no item is known", undefined],
    ["the item is older", itemOf()],
    ["the item is newer", itemOf(LATER)],
  ])("a submission with an implausible time changes only the counts if %s", (_, known) => {
    const one = submission({ timestamp: "092864120000", implausibleTime: true, answers: questions(1_000) });
    const { Update } = resultWrite("results", one, known);
    expect(Update).toMatchObject({
      UpdateExpression: "ADD num_submission :one, num_implausible_time :one",
      ConditionExpression: "attribute_not_exists(erased_at)",
      ExpressionAttributeValues: { ":one": { N: "1" } },
    });
  });

  test("questions that are no longer asked are removed, and free text that is missing as well", () => {
    const { Update } = resultWrite("results", submission({ ...LATER, answers: { q2: 5 }, freetext: undefined }), {
      ...itemOf(),
      q7: { N: "1" },
    });
    expect(Update?.UpdateExpression).toMatch(/ REMOVE q1,q7,freetext$/);
  });

  test.each([
    ["few questions", questions(5), "Update"],
    ["450 questions", questions(450), "Update"],
    [
      "answers that are all different",
      Object.fromEntries(Array.from({ length: 280 }, (_, n) => [`q${n + 1}`, n])),
      "Update",
    ],
    ["more questions than 4 KB can name", questions(600), "Put"],
    ["questions with long names", questions(300, 100_000_000_000), "Put"],
    ["twenty thousand questions", questions(20_000), "Put"],
  ])("%s become an expression within DynamoDB's limits", (_, answers, kind) => {
    const write = resultWrite("results", submission({ ...LATER, answers }), itemOf());
    expect(Object.keys(write)).toEqual([kind]);
    for (const expression of expressionsOf(write)) expect(expression.length).toBeLessThanOrEqual(4_096);
  });

  test.each([
    [1, "as it was"],
    [148, "within the operators of a condition"],
  ])("a whole item keeps %i attributes of others, if they are %s", (count) => {
    const others = attributes(count);
    const { Put } = resultWrite("results", submission({ ...LATER, answers: questions(1_000) }), {
      ...itemOf(),
      ...others,
    });
    expect(Put?.Item).toMatchObject({ ...others, num_submission: { N: "4" } });
    expect(new Set(Object.values(Put?.ExpressionAttributeNames ?? {}))).toEqual(new Set(Object.keys(others)));
    expect(operators(Put?.ConditionExpression)).toBeLessThanOrEqual(300);
    expect(Put?.ConditionExpression?.length).toBeLessThanOrEqual(4_096);
  });

  test("a whole item keeps the number of implausible times; the condition on the count protects it, too", () => {
    const known = { ...itemOf(), num_implausible_time: { N: "2" } };
    const { Put } = resultWrite("results", submission({ ...LATER, answers: questions(1_000) }), known);
    expect(Put?.Item).toMatchObject({ num_submission: { N: "4" }, num_implausible_time: { N: "2" } });
    expect(Put?.ConditionExpression).toBe("num_submission = :count AND attribute_not_exists(erased_at)");
  });

  test("if others have more attributes than a condition can name, a whole item is refused", () => {
    const write = () =>
      resultWrite("results", submission({ ...LATER, answers: questions(1_000) }), { ...itemOf(), ...attributes(149) });
    expect(write).toThrow(expect.objectContaining({ code: "ITEM_TOO_WIDE" }));
  });

  test("half a surrogate pair in the free text becomes UTF-8's replacement character", () => {
    const { Update } = resultWrite("results", submission({ freetext: "a\ud800b" }), undefined);
    expect(Update?.ExpressionAttributeValues?.[":freetext"]).toEqual({ S: "a\ufffdb" });
  });

  test.each([
    [5, "5"],
    [-0, "0"],
    [0.1 + 0.2, "0.30000000000000004"],
    [5e-324, "0"],
    [1e9, "1000000000"],
  ])("%d seconds are the number %s, which DynamoDB takes", (timeElapsed, expected) => {
    const { Update } = resultWrite("results", submission({ timeElapsed }), undefined);
    expect(Update?.ExpressionAttributeValues?.[":elapsed"]).toEqual({ N: expected });
  });

  test("no expression names a reserved word", () => {
    const reserved = /(?<![#:\w])(timestamp|name|status|date|year|count|user|data|order|value)(?!\w)/i;
    const known = { ...itemOf(), ...Object.fromEntries(["name", "status", "count"].map((name) => [name, { S: "x" }])) };
    for (const answers of [questions(2), questions(500)]) {
      const write = resultWrite("results", submission({ ...LATER, answers }), known);
      for (const expression of expressionsOf(write)) expect(expression).not.toMatch(reserved);
    }
  });

  function attributes(count: number): StoredResult {
    return Object.fromEntries(Array.from({ length: count }, (_, index) => [`note ${index}`, { S: "x" }]));
  }

  function expressionsOf({ Update, Put }: ReturnType<typeof resultWrite>): string[] {
    return [Update?.UpdateExpression, Update?.ConditionExpression, Put?.ConditionExpression].filter(
      (expression) => expression !== undefined,
    );
  }

  function operators(expression = ""): number {
    return expression.match(/=|AND|OR|NOT|<|attribute_\w+/g)?.length ?? 0;
  }
});
