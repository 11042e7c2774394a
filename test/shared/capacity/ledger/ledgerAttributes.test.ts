import { updateOf } from "../../../../shared/aws/update";
import { fromAttributes, toAttributes, updateParts } from "../../../../shared/capacity/ledger/ledgerAttributes";
import type { LedgerChange, LedgerItem } from "../../../../shared/capacity/ledger/ledgerItem";

const item: LedgerItem = {
  until: 1_800_000_000_000.1233,
  reservations: 3,
  workers: 2,
  costSum: 0.30000000000000004,
  costCount: 4,
  limits: { table: 100.123456, indexes: { byDate: 0.0001 } },
  paused: false,
  factor: 0.8123456789,
  factorAt: 5.00049,
};

const attributes = {
  until: { N: "1800000000000.123" },
  reservations: { N: "3" },
  workers: { N: "2" },
  costSum: { N: "0.3" },
  costCount: { N: "4" },
  limits: { M: { table: { N: "100.123456" }, indexes: { M: { byDate: { N: "0.0001" } } } } },
  paused: { BOOL: false },
  factor: { N: "0.8123456789" },
  factorAt: { N: "5" },
};

test("writes times and amounts to the microsecond; limits and the factor keep their digits", () => {
  expect(toAttributes(item)).toEqual(attributes);
  expect(toAttributes({ ...item, limits: { table: 7 } }).limits).toEqual({
    M: { table: { N: "7" }, indexes: { M: {} } },
  });
});

test("reads back its own writes, with any key of the item", () => {
  expect(fromAttributes({ ...attributes, pk: { S: "job" }, sk: { S: "write" } })).toEqual({
    ...item,
    until: 1_800_000_000_000.123,
    costSum: 0.3,
    factorAt: 5,
  });
  expect(fromAttributes({ ...attributes, paused: { BOOL: true } })).toMatchObject({ paused: true });
  expect(fromAttributes({ ...attributes, pausedMembers: { SS: ["a", "b"] } }).pausedMembers).toEqual(["a", "b"]);
});

test("reads missing attributes as 0", () => {
  expect(fromAttributes({})).toEqual({
    ...{ until: 0, reservations: 0, workers: 0, costSum: 0, costCount: 0, factor: 0, factorAt: 0 },
    ...{ limits: { table: Number.NaN, indexes: {} }, paused: false },
  });
});

test.each<[string, LedgerChange, { condition?: string; update: string; values: Record<string, unknown> }]>([
  [
    "an addition, rounded, to an existing ledger",
    { add: { until: -0.12345, workers: -1 } },
    {
      update: "ADD #until :add_until, #workers :add_workers",
      values: { ":add_until": { N: "-0.123" }, ":add_workers": { N: "-1" } },
    },
  ],
  [
    "bounds of what is promised, rounded",
    { require: { untilFrom: 1.0004, untilTo: 2.0006 }, set: { workers: 3 } },
    {
      condition: " AND #until >= :untilFrom AND #until <= :untilTo",
      update: "SET #workers = :set_workers",
      values: { ":untilFrom": { N: "1" }, ":untilTo": { N: "2.001" }, ":set_workers": { N: "3" } },
    },
  ],
  [
    "an idle ledger that nobody has paused",
    { require: { untilBefore: 9, unpaused: true }, set: { until: 12 } },
    {
      condition: " AND #until < :untilBefore AND #paused = :unpaused",
      update: "SET #until = :set_until",
      values: { ":untilBefore": { N: "9" }, ":unpaused": { BOOL: false }, ":set_until": { N: "12" } },
    },
  ],
  [
    "a member of a shared ledger that nobody has paused",
    { require: { unpaused: true, memberUnpaused: "a" }, add: { until: 5 } },
    {
      condition: " AND #paused = :unpaused AND NOT contains(#pausedMembers, :member)",
      update: "ADD #until :add_until",
      values: { ":unpaused": { BOOL: false }, ":member": { S: "a" }, ":add_until": { N: "5" } },
    },
  ],
  [
    "a member to be paused",
    { add: { until: 5 }, member: { name: "a", paused: true } },
    {
      update: "ADD #until :add_until, #pausedMembers :add_pausedMembers",
      values: { ":add_until": { N: "5" }, ":add_pausedMembers": { SS: ["a"] } },
    },
  ],
  [
    "a member to be resumed",
    { member: { name: "a", paused: false } },
    {
      update: "DELETE #pausedMembers :delete_pausedMembers",
      values: { ":delete_pausedMembers": { SS: ["a"] } },
    },
  ],
  [
    "known costs",
    { require: { costKnown: true }, add: { reservations: 1 } },
    {
      condition: " AND #costCount > :none",
      update: "ADD #reservations :add_reservations",
      values: { ":none": { N: "0" }, ":add_reservations": { N: "1" } },
    },
  ],
  [
    "unknown costs",
    { require: { costKnown: false }, add: { reservations: 1 } },
    {
      condition: " AND #costCount = :none",
      update: "ADD #reservations :add_reservations",
      values: { ":none": { N: "0" }, ":add_reservations": { N: "1" } },
    },
  ],
  [
    "the last report of a throttle",
    { require: { factorAtTo: 7 }, set: { factor: 0.6400000000000001, factorAt: 8 } },
    {
      condition: " AND #factorAt <= :factorAtTo",
      update: "SET #factor = :set_factor, #factorAt = :set_factorAt",
      values: {
        ":factorAtTo": { N: "7" },
        ":set_factor": { N: "0.6400000000000001" },
        ":set_factorAt": { N: "8" },
      },
    },
  ],
])("one update: %s", (_, change, { condition = "", update, values }) => {
  const { ExpressionAttributeNames, ...expressions } = updateOf(updateParts(change));
  expect(expressions).toEqual({
    ConditionExpression: `attribute_exists(#until)${condition}`,
    UpdateExpression: update,
    ExpressionAttributeValues: values,
  });
  for (const [placeholder, name] of Object.entries(ExpressionAttributeNames)) expect(placeholder).toBe(`#${name}`);
});
