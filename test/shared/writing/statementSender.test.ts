import type { ConditionalWrite } from "../../../shared/writing/conditionalWrite";
import { StatementSender, type WriterOptions } from "../../../shared/writing/statementSender";
import { exception, retrying, type Sent, StubClient } from "./stubClient";

const writeOf = (n: number, kind: "update" | "delete" | "put" = "update"): ConditionalWrite => {
  const key = { id: { N: String(n) } };
  if (kind === "put") return { key, change: { kind, item: key }, seen: [] };
  const change = kind === "update" ? ({ kind, set: {}, remove: ["x"] } as const) : { kind };
  return { key, change, seen: [] };
};
const writes = (count: number) => Array.from({ length: count }, (_, n) => writeOf(n));
const numbersOf = ({ input }: Sent): number[] =>
  input.Statements.map(({ Parameters }: { Parameters: { N: string }[] }) => Number(Parameters[0]?.N));

/** Answers each statement according to its number and to how often it was sent. */
function stub(answer: (n: number, attempt: number) => object) {
  const attempts = new Map<number, number>();
  return new StubClient((sent) => ({
    Responses: numbersOf(sent).map((n) => {
      attempts.set(n, (attempts.get(n) ?? 0) + 1);
      return answer(n, attempts.get(n)!);
    }),
  }));
}

const error = (Code: string, Item?: object) => ({ Error: { Code, Message: `about ${Code}`, Item } });
const sender = ({ client }: StubClient, options: Partial<WriterOptions> = {}) =>
  new StatementSender("t", { client, retry: retrying(), limits: () => undefined, ...options });

test("25 statements go into a request, which asks for the item and the consumption", async () => {
  const dynamodb = stub(() => ({}));
  expect(await sender(dynamodb).send(writes(60))).toEqual(Array(60).fill({ end: "written" }));
  expect(dynamodb.sent.map((sent) => numbersOf(sent).length)).toEqual([25, 25, 10]);
  expect(dynamodb.sent[0]?.name).toBe("BatchExecuteStatementCommand");
  expect(dynamodb.sent[0]?.input.ReturnConsumedCapacity).toBe("INDEXES");
  expect(dynamodb.sent[0]?.input.Statements[1]).toEqual({
    Statement: 'UPDATE "t" REMOVE "x" WHERE "id"=?',
    Parameters: [{ N: "1" }],
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  });
});

test.each([
  "ProvisionedThroughputExceeded",
  "ThrottlingError",
  "RequestLimitExceeded",
  "TransactionConflict",
  "InternalServerError",
])("only a statement that failed with %s is sent again, until it succeeds", async (code) => {
  const passed: unknown[] = [];
  const dynamodb = stub((n, attempt) => (n % 10 === 3 && attempt < 3 ? error(code) : {}));
  const answers = await sender(dynamodb, { retry: retrying(passed) }).send(writes(25));
  expect(answers).toEqual(Array(25).fill({ end: "written" }));
  expect(dynamodb.sent.map(numbersOf).slice(1)).toEqual([
    [3, 13, 23],
    [3, 13, 23],
  ]);
  expect(passed).toHaveLength(2);
  expect(String(passed[0])).toContain(`about ${code}`);
});

test("each statement gets its own answer", async () => {
  const met = { id: { S: "a" } };
  const fates: Record<number, object> = {
    1: error("ConditionalCheckFailed", met),
    2: error("ConditionalCheckFailed"),
    3: error("ValidationError"),
    4: error("ItemCollectionSizeLimitExceeded"),
    5: error("SomethingNew"),
  };
  const answers = await sender(
    stub((n, attempt) => (n > 2 && attempt === 1 ? error("ThrottlingError") : (fates[n] ?? {}))),
  ).send(writes(6));
  const failed = (code: string, about: string) => ({ end: "failed", code, reason: `about ${about}`, attempts: 2 });
  expect(answers).toEqual([
    { end: "written" },
    { end: "refused", item: met },
    { end: "refused", item: undefined },
    failed("ValidationException", "ValidationError"),
    failed("ItemCollectionSizeLimitExceededException", "ItemCollectionSizeLimitExceeded"),
    failed("SomethingNew", "SomethingNew"),
  ]);
});

test.each([
  ["AccessDenied", "AccessDeniedException"],
  ["ResourceNotFound", "ResourceNotFoundException"],
])("%s of one statement ends the whole work", async (code, name) => {
  const dynamodb = stub((n) => (n === 7 ? error(code) : {}));
  await expect(sender(dynamodb).send(writes(1_000))).rejects.toMatchObject({ name, message: `about ${code}` });
  expect([dynamodb.sent.length < 40, dynamodb.underWay]).toEqual([true, 0]);
});

test("a delete that meets no item is refused", async () => {
  const deletes = [writeOf(0, "delete"), writeOf(1, "delete")];
  const dynamodb = stub((n) => (n === 0 ? { Item: { id: { S: "a" } } } : {}));
  const deleted = { id: { S: "a" } };
  expect(await sender(dynamodb).send(deletes)).toEqual([
    { end: "written", deleted },
    { end: "refused", item: undefined },
  ]);
});

test("a refused write reports whether it was sent before, because its own effect may have refused it", async () => {
  const now = { id: { S: "0" }, v: { S: "new" } };
  const refused = { Error: { Code: "ConditionalCheckFailed" as const, Item: now } };
  const dynamodb = new StubClient((_, number) => {
    if (number === 0) throw exception("TimeoutError");
    return { Responses: [refused, {}] };
  });
  expect(await sender(dynamodb).send([writeOf(0), writeOf(1, "delete")])).toEqual([
    { end: "refused", item: now, repeated: true },
    { end: "refused", item: undefined, repeated: true },
  ]);
});

test("a write that no statement expresses is not sent", async () => {
  const dynamodb = stub(() => ({}));
  const mixed = [writeOf(0, "put"), writeOf(1), writeOf(2, "put")];
  expect(await sender(dynamodb).send(mixed)).toEqual([undefined, { end: "written" }, undefined]);
  expect(await sender(dynamodb).send([writeOf(3, "put")])).toEqual([undefined]);
  expect(dynamodb.sent.map(numbersOf)).toEqual([[1]]);
});

test("a statement for which the whole batch is rejected fails alone", async () => {
  const dynamodb = new StubClient((sent) => {
    if (numbersOf(sent).includes(11)) throw exception("ValidationException", "a bad value");
    return { Responses: numbersOf(sent).map(() => ({})) };
  });
  const answers = await sender(dynamodb).send(writes(25));
  const failed = { end: "failed", code: "ValidationException", reason: "a bad value", attempts: expect.any(Number) };
  expect(answers).toEqual(writes(25).map((_, n) => (n === 11 ? failed : { end: "written" })));
  expect(dynamodb.sent.length).toBeLessThanOrEqual(11);
});

test("a request is repeated while it fails for a passing reason; another error is thrown", async () => {
  const failing = (name: string) =>
    new StubClient((sent, number) => {
      if (number === 0) throw exception(name);
      return { Responses: numbersOf(sent).map(() => ({})) };
    });
  const throttled = failing("ProvisionedThroughputExceededException");
  expect(await sender(throttled).send(writes(3))).toEqual(Array(3).fill({ end: "written" }));
  expect(throttled.sent).toHaveLength(2);
  await expect(sender(failing("AccessDeniedException")).send(writes(3))).rejects.toThrow("AccessDenied");
});

test("an answer that lacks statements is no success", async () => {
  const dynamodb = new StubClient(() => ({ Responses: [] }));
  await expect(sender(dynamodb).send(writes(2))).rejects.toThrow("but answered 0");
});

test("without a limit 32 requests are under way; with a limit, as many as it needs, with 15 ms each", async () => {
  const free = stub(() => ({}));
  await sender(free).send(writes(1_000));
  expect(free.mostUnderWay).toBe(32);
  const limited = stub(() => ({}));
  await sender(limited, { limits: () => ({ table: 400 }) }).send(writes(60));
  expect([limited.mostUnderWay, ...limited.sent.map((sent) => numbersOf(sent).length)]).toEqual([
    3,
    ...Array(10).fill(6),
  ]);
});

test("the size of batches follows the true cost of writes", async () => {
  const dynamodb = new StubClient((sent) => {
    const each = { TableName: "t", CapacityUnits: 10, Table: { CapacityUnits: 10 } };
    return { Responses: numbersOf(sent).map(() => ({})), ConsumedCapacity: numbersOf(sent).map(() => each) };
  });
  const one = sender(dynamodb, { limits: () => ({ table: 4_000 }), unitsPerWrite: 2 });
  await one.send(writes(25));
  await one.send(writes(10));
  expect(dynamodb.sent.map((sent) => numbersOf(sent).length)).toEqual([25, 6, 4]);
});
