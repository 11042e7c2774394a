import {
  ConditionalCheckFailedException,
  InternalServerError,
  ProvisionedThroughputExceededException,
  RequestLimitExceeded,
  TransactionCanceledException,
} from "@aws-sdk/client-dynamodb";
import type { Item } from "../../../../shared/aws/itemSize";
import type { Input } from "../../../../shared/capacity/plugin/operations";
import { type Outcome, type Output, outcomeOf, outcomeOfError } from "../../../../shared/capacity/plugin/outcome";

const TABLE = "bulk";
const ARN = "arn:aws:dynamodb:eu-central-1:1:table/bulk";
const item = (bytes: number): Item => ({ k: { S: "x".repeat(bytes - 1) } });
const charged = (table: number): Outcome => ({ consumed: { table }, throttled: false });
const free: Outcome = charged(0);
const throttled: Outcome = { consumed: { table: 0 }, throttled: true };
const unreported: Outcome = { consumed: undefined, throttled: false };
const message = { message: "no", $metadata: {} };

const insert = (size: number) => ({
  Statement: `INSERT INTO bulk VALUE {'k': ?}`,
  Parameters: [{ S: "x".repeat(size) }],
});
const update = { Statement: "UPDATE bulk SET a=1 WHERE k='1'" };
const longUpdate = { Statement: "UPDATE bulk SET a=? WHERE k='1'", Parameters: [{ S: "x".repeat(5000) }] };
const select = { Statement: "SELECT * FROM bulk WHERE k='1'" };
const elsewhere = { Statement: "UPDATE other SET a=1 WHERE k='1'" };
const odd = { Statement: "FROM bulk WHERE k='1' SET a=1" };

describe("a response", () => {
  const units = (TableName: string, CapacityUnits: number) => ({ TableName, CapacityUnits, Table: { CapacityUnits } });

  test.each<[string, Output, Outcome]>([
    ["that reports one table", { ConsumedCapacity: units(TABLE, 3) }, charged(3)],
    ["that reports the table by its ARN", { ConsumedCapacity: units(ARN, 3) }, charged(3)],
    [
      "that reports several, with their sum",
      { ConsumedCapacity: [units(TABLE, 3), units("o", 9), units(TABLE, 4)] },
      charged(7),
    ],
    ["that reports none of the table", { ConsumedCapacity: [units("o", 9)] }, free],
    ["that reports nothing", {}, unreported],
    ["that leaves items unprocessed", { UnprocessedItems: { [TABLE]: [] } }, { consumed: undefined, throttled: true }],
    ["that leaves keys unprocessed", { UnprocessedKeys: { [ARN]: {} } }, { consumed: undefined, throttled: true }],
    ["that leaves nothing unprocessed", { UnprocessedItems: {} }, unreported],
    ["that leaves those of others unprocessed", { UnprocessedItems: { other: [] } }, unreported],
    [
      "that reports a batch half done",
      { ConsumedCapacity: [units(TABLE, 1)], UnprocessedKeys: { [TABLE]: {} } },
      { consumed: { table: 1 }, throttled: true },
    ],
  ])("%s", (_, output, expected) => {
    expect(outcomeOf(output, {}, TABLE)).toEqual(expected);
  });

  const failed = (Code: string | undefined, Item?: Item) => ({
    Error: { ...(Code && { Code }), ...(Item && { Item }) },
  });

  test.each<[string, NonNullable<Output["Responses"]>[number], number, boolean]>([
    ["succeeded", {}, 0, false],
    ["failed its condition on an item of 2,049 bytes", failed("ConditionalCheckFailed", item(2049)), 3, false],
    ["failed its condition without an item", failed("ConditionalCheckFailed"), 1, false],
    ["met an item", failed("DuplicateItem"), 1, false],
    ["was throttled by the table", failed("ProvisionedThroughputExceeded"), 0, true],
    ["was throttled", failed("ThrottlingError"), 0, true],
    ["was throttled by the account", failed("RequestLimitExceeded"), 0, true],
    ["was not valid", failed("ValidationError"), 0, false],
    ["failed for no reason given", failed(undefined), 0, false],
  ])("of a batch of which one statement %s", (_, response, more, throttles) => {
    const output = { ConsumedCapacity: [units(TABLE, 5)], Responses: [{}, response] };
    const of = (Statements: Input["Statements"]) => outcomeOf(output, { Statements: Statements! }, TABLE);
    expect(of([update, update])).toEqual({ consumed: { table: 5 + more }, throttled: throttles });
    expect(of([update, odd])).toEqual({ consumed: { table: 5 + more }, throttled: throttles });
    expect(of([update, elsewhere])).toEqual(charged(5));
    expect(outcomeOf({ Responses: [{}, response] }, { Statements: [update, update] }, TABLE)).toEqual({
      consumed: undefined,
      throttled: throttles,
    });
  });
});

describe("an error", () => {
  const named = (name: string, fault?: string) => Object.assign(new Error("no"), { name, $fault: fault });
  const failed = (bytes?: number) =>
    new ConditionalCheckFailedException({ ...message, ...(bytes !== undefined && { Item: item(bytes) }) });

  test.each<[string, unknown, Input, Outcome]>([
    ["a throttle of the table", new ProvisionedThroughputExceededException(message), {}, throttled],
    ["a throttle of the account", new RequestLimitExceeded(message), {}, throttled],
    ["ThrottlingException", named("ThrottlingException", "client"), {}, throttled],
    ["ThrottlingException without a fault", named("ThrottlingException"), {}, throttled],
    ["a refusal", named("ValidationException", "client"), {}, free],
    ["a missing table", named("ResourceNotFoundException", "client"), {}, free],
    ["an error of the server", new InternalServerError(message), {}, unreported],
    ["a timeout", named("TimeoutError"), {}, unreported],
    ["an abort", named("AbortError"), {}, unreported],
    ["an error without a name", {}, {}, unreported],
    ["a failed condition without an item", failed(), {}, charged(1)],
    ["a failed condition on an item of 1,024 bytes", failed(1024), {}, charged(1)],
    ["a failed condition on an item of 1,025 bytes", failed(1025), {}, charged(2)],
    ["a failed condition of a larger put", failed(10), { Item: item(3000) }, charged(3)],
    ["a failed condition of a smaller put", failed(3000), { Item: item(10) }, charged(3)],
    ["an INSERT that met an item", named("DuplicateItemException", "client"), insert(1), unreported],
    ["an INSERT that met an item of the local cloud", named("DuplicateItem", "client"), insert(1), unreported],
  ])("%s", (_, error, input, expected) => {
    expect(outcomeOfError(error, input, TABLE)).toEqual(expected);
  });

  const cancelled = (...CancellationReasons: { Code: string; Item?: Item }[]) =>
    new TransactionCanceledException({ ...message, CancellationReasons });
  const put = (bytes: number, TableName = TABLE) => ({ Put: { TableName, Item: item(bytes) } });
  const check = (TableName = TABLE) => ({ ConditionCheck: { TableName } });
  const none = { Code: "None" };
  const met = (bytes: number) => ({ Code: "ConditionalCheckFailed", Item: item(bytes) });

  test.each<[string, unknown, Input, Outcome]>([
    [
      "throttled by the table",
      cancelled(none, { Code: "ProvisionedThroughputExceeded" }),
      { TransactItems: [put(1)] },
      throttled,
    ],
    ["throttled", cancelled({ Code: "ThrottlingError" }, none), { TransactItems: [put(1)] }, throttled],
    [
      "by its condition, twice each item",
      cancelled(met(2049), none),
      { TransactItems: [check(), put(1025)] },
      charged(6 + 4),
    ],
    ["by an item larger than the new one", cancelled(met(2049)), { TransactItems: [put(1025)] }, charged(6)],
    ["by an item smaller than the new one", cancelled(met(1)), { TransactItems: [put(1025)] }, charged(4)],
    [
      "of which part lies in other tables",
      cancelled(met(5000), met(9)),
      { TransactItems: [put(5000, "o"), check(ARN)] },
      charged(2),
    ],
    [
      "for reasons not given",
      new TransactionCanceledException(message),
      { TransactItems: [check(), check()] },
      charged(4),
    ],
    [
      "that reads",
      cancelled({ Code: "TransactionConflict" }),
      { TransactItems: [{ Get: { TableName: TABLE } }] },
      unreported,
    ],
    [
      "of statements that read",
      cancelled({ Code: "TransactionConflict" }),
      { TransactStatements: [select] },
      unreported,
    ],
    [
      "of statements that read, throttled",
      cancelled({ Code: "ThrottlingError" }),
      { TransactStatements: [select] },
      throttled,
    ],
    ["of statements", cancelled(met(2049), none), { TransactStatements: [update, update] }, charged(6 + 2)],
    [
      "of statements, part of them elsewhere",
      cancelled(none, met(1025)),
      { TransactStatements: [elsewhere, update] },
      charged(4),
    ],
    ["of statements, with an unknown form", cancelled(none), { TransactStatements: [update, odd] }, unreported],
    [
      "of an UPDATE, by the item and not by its text",
      cancelled(met(9)),
      { TransactStatements: [longUpdate] },
      charged(2),
    ],
    [
      "of an INSERT, by its text and parameters",
      cancelled(none),
      { TransactStatements: [insert(2048 - 31)] },
      charged(4),
    ],
    ["of an INSERT a byte larger", cancelled(none), { TransactStatements: [insert(2048 - 30)] }, charged(6)],
  ])("of a transaction cancelled %s", (_, error, input, expected) => {
    expect(outcomeOfError(error, input, TABLE)).toEqual(expected);
  });
});
