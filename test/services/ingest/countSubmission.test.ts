import { type DynamoDBClient, TransactionCanceledException, type TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { awsError } from "../../../local/gateway/errors";
import { brokenConnection } from "../../../local/gateway/message";
import { type CountOutcome, countSubmission } from "../../../services/ingest/countSubmission";
import type { Storage } from "../../../services/ingest/storage";
import { Ground, items, putResult, resultOf } from "./ground";
import { questions, type SubmissionFields, submission } from "./submissions";

let ground: Ground;
let storage: Storage;
beforeAll(async () => {
  ground = await Ground.start();
});
afterAll(() => ground?.stop());
beforeEach(async () => {
  ground.stage = (_, next) => next();
  storage = await ground.storage();
});

const BODY_HASH = "hash of the body";
const soon = () => AbortSignal.timeout(120_000);
const count = (fields?: SubmissionFields, sha256 = BODY_HASH, signal = soon()): Promise<CountOutcome> =>
  countSubmission(storage, submission(fields), { sha256, messageId: "m-1" }, signal);
const first = { timestamp: "092821120000" };
const second = { timestamp: "092921120000" };
const third = { timestamp: "093021120000" };

/** The part of a participant's item that comes from Sluice, with answers as numbers. */
async function result(userId = "0001") {
  const item = (await resultOf(storage, userId)) ?? {};
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [name, value.N === undefined ? value.S : Number(value.N)]),
  );
}

describe("one submission", () => {
  test("it is counted, with its answers and a marker", async () => {
    expect(await count()).toBe("counted");
    expect(await result()).toEqual({
      user_id: "0001",
      num_submission: 1,
      timestamp: "092821120000",
      submitted_at: "2021-09-28T12:00:00.000000000Z",
      time_elapsed: 5,
      questions: "1-2",
      q1: 1,
      q2: 2,
      freetext: "fine",
    });
    expect(await items(storage, storage.submissionsTable)).toEqual([
      {
        submission: { S: "0001092821120000" },
        user_id: { S: "0001" },
        submitted_at: { S: "2021-09-28T12:00:00.000000000Z" },
        sha256: { S: BODY_HASH },
        message: { S: "m-1" },
      },
    ]);
  });

  test("the second time it is a duplicate and changes nothing", async () => {
    await count();
    const before = await result();
    expect(await count()).toBe("duplicate");
    expect(await result()).toEqual(before);
  });

  test("ten times at once it is counted once", async () => {
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => count()));
    expect(outcomes.sort()).toEqual(["counted", ...Array(9).fill("duplicate")]);
    expect(await result()).toMatchObject({ num_submission: 1 });
  });

  test("with other content under the same key it is a conflict and changes nothing", async () => {
    await count();
    expect(await count({ answers: { q1: 5 } }, "another hash")).toBe("conflict");
    expect(await result()).toMatchObject({ num_submission: 1, q1: 1 });
  });

  test("when the answer of the transaction is lost, the retry finds that it took place", async () => {
    let calls = 0;
    ground.stage = async (_, next) => {
      const answer = await next();
      return ++calls === 1 ? brokenConnection : answer;
    };
    expect(await count()).toBe("counted");
    expect(calls).toBe(2);
    expect(await result()).toMatchObject({ num_submission: 1 });
  });
});

describe("several submissions of a participant", () => {
  const orders = [
    [first, second, third],
    [first, third, second],
    [second, first, third],
    [second, third, first],
    [third, first, second],
    [third, second, first],
  ];

  test.each(orders)("%j, %j, %j: all are counted and the last by time stays", async (...order) => {
    const answers = (fields: { timestamp: string }) =>
      fields === third ? { q1: 3, q9: 3 } : fields === second ? { q2: 2 } : { q1: 1, q2: 1 };
    for (const fields of order) expect(await count({ ...fields, answers: answers(fields) })).toBe("counted");
    const { q1, q2, q9, questions, num_submission } = await result();
    expect({ q1, q2, q9, questions, num_submission }).toEqual({ q1: 3, q9: 3, questions: "1,9", num_submission: 3 });
  });

  test("free text goes away with a later submission that has none", async () => {
    await count(first);
    await count({ ...second, freetext: undefined });
    expect(await result()).not.toHaveProperty("freetext");
  });

  test.each([
    ["from few to 2,000", 2, 2_000],
    ["from 2,000 to few", 2_000, 2],
    ["from 2,000 to 2,000 others", 2_000, 2_000],
  ])("the number of questions may go %s", async (_, before, after) => {
    await count({ ...first, answers: questions(before) });
    await count({ ...second, answers: questions(after, 3) });
    const held = Object.keys(await result()).filter((name) => /^q\d/.test(name));
    expect(held).toHaveLength(after);
    expect(await result()).toMatchObject({ num_submission: 2, [`q${after + 2}`]: 1 });
  });

  test("twenty at once, each with other questions, are all counted", async () => {
    const all = Array.from({ length: 20 }, (_, day) => ({
      timestamp: `09${String(day + 1).padStart(2, "0")}21120000`,
      answers: questions(1 + (day % 3), 1 + day),
    }));
    await Promise.all(all.map((fields) => count(fields)));
    expect(await result()).toMatchObject({ num_submission: 20, questions: "20-21", timestamp: "092021120000" });
  });
});

describe("a submission whose time can't be true", () => {
  const wrong = { timestamp: "092864120000", implausibleTime: true, answers: { q1: 5, q9: 5 } };

  test("counts and never becomes the latest; only its marker shows that", async () => {
    for (const fields of [first, wrong, second]) expect(await count(fields)).toBe("counted");
    expect(await result()).toMatchObject({ num_submission: 3, num_implausible_time: 1, q1: 1, ...second });
    expect(await result()).not.toHaveProperty("q9");
    const marks = (await items(storage, storage.submissionsTable)).map((marker) => [
      marker.submission?.S,
      marker.implausible_time,
    ]);
    expect(marks.sort()).toEqual([
      ["0001092821120000", undefined],
      ["0001092864120000", { BOOL: true }],
      ["0001092921120000", undefined],
    ]);
  });

  test("makes an item with only counts if there was none", async () => {
    expect(await count(wrong)).toBe("counted");
    expect(await count(wrong)).toBe("duplicate");
    expect(await count({ ...wrong, timestamp: "010170000000", answers: questions(2_000) })).toBe("counted");
    expect(await result()).toEqual({ user_id: "0001", num_submission: 2, num_implausible_time: 2 });
  });

  test.each([
    ["few questions", 2],
    ["more questions than an update expression names", 2_000],
  ])("gives way to the next submission with %s", async (_, many) => {
    await count(wrong);
    await count({ ...first, answers: questions(many) });
    await count(wrong);
    await count({ ...wrong, timestamp: "010170000000" });
    await count({ ...second, answers: questions(many, 2) });
    const held = await result();
    expect(held).toMatchObject({ num_submission: 4, num_implausible_time: 2, ...second, [`q${many + 1}`]: 1 });
    expect(held).not.toHaveProperty("q1");
  });

  test("leaves others' attributes on the item unchanged", async () => {
    await putResult(storage, { user_id: { S: "0001" }, note: { S: "mine" }, q7: { N: "7" } });
    await count(wrong);
    expect(await result()).toEqual({
      user_id: "0001",
      note: "mine",
      q7: 7,
      num_submission: 1,
      num_implausible_time: 1,
    });
  });

  test("ten at once, among ten others, are all counted", async () => {
    const all = Array.from({ length: 20 }, (_, day) => ({
      timestamp: `09${String(day + 1).padStart(2, "0")}${day % 2 ? 64 : 21}120000`,
      implausibleTime: day % 2 === 1,
      answers: questions(day % 3 ? 3 : 600),
    }));
    await Promise.all(all.map((fields) => count(fields)));
    expect(await result()).toMatchObject({
      num_submission: 20,
      num_implausible_time: 10,
      timestamp: "091921120000",
      questions: "1-600",
    });
  });
});

describe("an item that others write to as well", () => {
  const reserved = Object.fromEntries(
    ["name", "status", "size", "a.b", "#x", ":y", "with space"].map((n) => [n, { S: n }]),
  );

  test.each([
    ["few questions", questions(2)],
    ["many questions", questions(600)],
  ])("keeps their attributes, whatever the names, with %s", async (_, answers) => {
    const others = {
      ...reserved,
      map: { M: { deep: { L: [{ NULL: true }, { BOOL: false }] } } },
      set: { NS: ["2", "1"] },
    };
    await putResult(storage, { user_id: { S: "0001" }, ...others });
    for (const fields of [first, second]) expect(await count({ ...fields, answers })).toBe("counted");
    expect(await resultOf(storage, "0001")).toMatchObject({
      ...reserved,
      map: others.map,
      num_submission: { N: "2" },
      q1: { N: "1" },
    });
  });

  test.each([
    ["adds, with 400 questions", 400, {}],
    ["makes, with 600 questions, which are written with the whole item", 600, { note: { S: "old" } }],
  ])("if somebody %s while the item is being read and written, the change is not lost", async (_, many, others) => {
    await putResult(storage, { user_id: { S: "0001" }, ...others });
    await count({ ...first, answers: questions(many) });
    let meddled = false;
    ground.stage = async ({ action }, next) => {
      const answer = await next();
      if (action === "TransactWriteItems" && !meddled) {
        meddled = true;
        await putResult(storage, { ...(await resultOf(storage, "0001")), note: { S: "mine" } });
      }
      return answer;
    };
    expect(await count({ ...second, answers: questions(many + 1) })).toBe("counted");
    expect(await result()).toMatchObject({ note: "mine", num_submission: 2, [`q${many + 1}`]: 1 });
  });

  test.each([
    ["before", [first, second]],
    ["after", [second, first]],
  ])("without a submission it loses its stale answers, whether the latest arrives %s the other", async (_, order) => {
    await putResult(storage, { user_id: { S: "0001" }, q9: { N: "9" }, num_submission: { N: "7" } });
    for (const fields of order) await count({ ...fields, answers: fields === first ? { q1: 1 } : { q1: 2, q2: 2 } });
    const { q1, q2, q9, num_submission } = await result();
    expect({ q1, q2, q9, num_submission }).toEqual({ q1: 2, q2: 2, num_submission: 9 });
  });

  test("after a deletion it starts anew; submissions that were counted stay counted", async () => {
    await count({ ...first, answers: questions(600) });
    let deleted = false;
    ground.stage = async ({ action }, next) => {
      const answer = await next();
      if (action === "TransactWriteItems" && !deleted) {
        deleted = true;
        await deleteResult();
      }
      return answer;
    };
    expect(await count({ ...second, answers: questions(601) })).toBe("counted");
    expect(await result()).toMatchObject({ num_submission: 1, q601: 1 });
    expect(await count({ ...first, answers: questions(600) })).toBe("duplicate");
  });

  test.each([
    ["an update", questions(2)],
    ["a whole item", questions(600)],
  ])("near 400 KB it has no room for %s, and then neither marker nor count is written", async (_, answers) => {
    await putResult(storage, { user_id: { S: "0001" }, note: { S: "x".repeat(405_000) } });
    expect(await count({ answers, freetext: "x".repeat(10_000) })).toBe("too_large");
    expect(await result()).not.toHaveProperty("num_submission");
    expect(await items(storage, storage.submissionsTable)).toEqual([]);
  });

  test("near 400 KB it still has room for submissions that are only counted", async () => {
    await count(second);
    await putResult(storage, { ...(await resultOf(storage, "0001")), note: { S: "x".repeat(405_000) } });
    expect(await count(first)).toBe("counted");
  });

  test("that changes all the time sends the submission back, to be retried", async () => {
    let writes = 0;
    ground.stage = async ({ action }, next) => {
      if (action === "TransactWriteItems") {
        await putResult(storage, { user_id: { S: "0001" }, q1: { N: "1" }, questions: { S: `changed ${++writes}` } });
      }
      return next();
    };
    await expect(count()).rejects.toMatchObject({ code: "CONTENTION", retryable: true });
    expect(writes).toBe(20);
  });

  test("with a count that somebody made a text is not the submission's fault: the write fails, and the message comes again", async () => {
    await putResult(storage, { user_id: { S: "0001" }, num_submission: { S: "three" } });
    await expect(count()).rejects.toThrow(/incorrect data type/);
  });

  async function deleteResult(): Promise<void> {
    const { DeleteItemCommand } = await import("@aws-sdk/client-dynamodb");
    const Key = { user_id: { S: "0001" } };
    await storage.dynamodb.send(new DeleteItemCommand({ TableName: storage.resultsTable, Key }));
  }
});

describe("a failure of DynamoDB", () => {
  test.each([
    ["a server error", 500, "InternalServerError"],
    ["a throttle", 400, "ThrottlingException"],
    ["too little capacity", 400, "ProvisionedThroughputExceededException"],
    ["a transaction in progress", 400, "TransactionInProgressException"],
  ])("that passes (%s) is retried at once", async (_, status, code) => {
    let failures = 2;
    ground.stage = async (_call, next) => (failures-- > 0 ? awsError("dynamodb", status, code, "try again") : next());
    expect(await count()).toBe("counted");
  });

  test("that does not pass is retried until the time is over", async () => {
    const time = new AbortController();
    let calls = 0;
    ground.stage = async () => {
      if (++calls === 3) time.abort();
      return awsError("dynamodb", 500, "InternalServerError", "down");
    };
    await expect(count({}, BODY_HASH, time.signal)).rejects.toThrow();
    expect(calls).toBe(3);
  });

  test("that another try cannot mend is not repeated", async () => {
    let calls = 0;
    ground.stage = async () => {
      calls++;
      return awsError("dynamodb", 400, "AccessDeniedException", "no");
    };
    await expect(count()).rejects.toMatchObject({ name: "AccessDeniedException" });
    expect(calls).toBe(1);
  });
});

describe("a cancelled transaction", () => {
  type Reason = { Code?: string; Message?: string; Item?: Record<string, { S: string }> };

  /**
   * Counts with a DynamoDB that cancels every transaction: for these reasons, or for one list of reasons first and then for
   * another.
   */
  async function cancelledFor(...cancellations: (Reason[] | undefined)[]) {
    const sent: TransactWriteItem[][] = [];
    const send = async ({ input }: { input: { TransactItems: TransactWriteItem[] } }) => {
      sent.push(input.TransactItems);
      const CancellationReasons = cancellations[Math.min(sent.length, cancellations.length) - 1];
      throw new TransactionCanceledException({
        message: "Transaction cancelled",
        $metadata: { httpStatusCode: 400 },
        ...(CancellationReasons ? { CancellationReasons } : {}),
      });
    };
    const dynamodb = { send } as unknown as DynamoDBClient;
    const outcome = countSubmission(
      { ...storage, dynamodb },
      submission(),
      { sha256: BODY_HASH, messageId: "m-1" },
      AbortSignal.timeout(300),
    );
    return { outcome: await outcome.catch((error: Error) => error), sent };
  }

  const none = { Code: "None" };
  const marker = (sha256: string) => ({ Code: "ConditionalCheckFailed", Item: { sha256: { S: sha256 } } });

  test.each([
    ["without reasons", undefined],
    ["with an empty list of reasons", []],
    ["with fewer reasons than writes", [none]],
  ])("%s took no effect in any case: the submission doesn't count as counted", async (_, reasons) => {
    expect((await cancelledFor(reasons)).outcome).toMatchObject({ name: "TransactionCanceledException" });
  });

  test.each([
    ["the marker alone", [marker(BODY_HASH), none], "duplicate"],
    ["marker and item", [marker(BODY_HASH), { Code: "ConditionalCheckFailed" }], "duplicate"],
    ["a marker of other content", [marker("another"), none], "conflict"],
    [
      "the item's size",
      [none, { Code: "ValidationError", Message: "Item size to update has exceeded the maximum allowed size" }],
      "too_large",
    ],
  ])("for %s", async (_, reasons, expected) => {
    expect((await cancelledFor(reasons)).outcome).toBe(expected);
  });

  test.each([
    [{ Code: "ValidationError", Message: "An operand in the update expression has an incorrect data type" }],
    [{ Code: "ItemCollectionSizeLimitExceeded" }],
    [{ Code: "SomethingNew" }],
  ])(
    "for %j it is not the submission's fault: the message comes again, and the write is not repeated",
    async (reason) => {
      const { outcome, sent } = await cancelledFor([none, { ...reason, Item: { freetext: { S: "secret" } } }]);
      expect(outcome).toMatchObject({ code: "TRANSACTION_CANCELLED" });
      expect(sent).toHaveLength(1);
      expect(JSON.stringify({ ...(outcome as Error), message: (outcome as Error).message })).not.toMatch("secret");
      expect((outcome as Error).cause).toBeUndefined();
    },
  );

  test.each(["TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"])(
    "for %s it is repeated, even if the marker's condition failed as well",
    async (Code) => {
      expect((await cancelledFor([marker(BODY_HASH), { Code }], [marker(BODY_HASH), none])).outcome).toBe("duplicate");
    },
  );

  test("the marker is the first write, and both writes return the item that they met", async () => {
    const { sent } = await cancelledFor([marker(BODY_HASH), none]);
    const [{ Put }, { Update }] = sent[0] as [TransactWriteItem, TransactWriteItem];
    expect(Put).toMatchObject({ TableName: storage.submissionsTable, ReturnValuesOnConditionCheckFailure: "ALL_OLD" });
    expect(Update).toMatchObject({ TableName: storage.resultsTable, ReturnValuesOnConditionCheckFailure: "ALL_OLD" });
  });
});
