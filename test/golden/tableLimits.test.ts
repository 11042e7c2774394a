/** The limits of tables at certain rates. `sluice.tables.limits` must find the same. */
import type { TableDescription } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { startOptions } from "../../shared/jobs/startRequest";
import { tableFacts } from "../../shared/tables/facts";
import { lowRate, readLimits, writeLimits } from "../../shared/tables/limits";
import { expectGolden } from "../support/golden";

const provisioned = (ReadCapacityUnits: number, WriteCapacityUnits: number) => ({
  ProvisionedThroughput: { ReadCapacityUnits, WriteCapacityUnits },
});
const maximum = (MaxReadRequestUnits: number, MaxWriteRequestUnits: number) => ({
  ...provisioned(0, 0),
  OnDemandThroughput: { MaxReadRequestUnits, MaxWriteRequestUnits },
});
const warm = (ReadUnitsPerSecond: number, WriteUnitsPerSecond: number) => ({
  ...maximum(-1, -1),
  WarmThroughput: { ReadUnitsPerSecond, WriteUnitsPerSecond },
});
const key = { KeySchema: [{ AttributeName: "k", KeyType: "HASH" as const }] };
const own = { TableName: "t", TableId: "id", AttributeDefinitions: [], ...key };
const indexes = (...capacities: object[]) => ({
  LocalSecondaryIndexes: [{ IndexName: "local", ...key }],
  GlobalSecondaryIndexes: capacities.map((each, i) => ({ IndexName: `global${i}`, ...key, ...each })),
});

const tables: readonly TableDescription[] = [
  { ...own },
  { ...own, ...provisioned(100, 7) },
  { ...own, ...maximum(500, 300) },
  { ...own, ...maximum(-1, -1) },
  { ...own, ...warm(90_000, 5_000) },
  { ...own, ...warm(0, 0), ...indexes({}) },
  { ...own, ...provisioned(100, 7), ...indexes(provisioned(100, 7), provisioned(3, 1000)) },
  { ...own, ...maximum(-1, 10), ...indexes(maximum(20, -1), warm(15_000, 15_000)) },
];
const rates: readonly (number | string)[] = [1, 0.5, 0.001, 5_000, 33.3, "50%", "100%", "0.1%", "0.01%", "33.3%"];
const wrong = [
  0,
  1e-300,
  0.000999,
  -1,
  null,
  true,
  "",
  "50",
  "50 %",
  "٥%",
  "0%",
  "0.0%",
  "100.1%",
  "1000%",
  "%",
  "1e1%",
  [],
  "12.%",
];

test("rates on tables", () => {
  const made = tables.flatMap((table) => {
    const facts = tableFacts(table);
    const globals = Object.keys(facts.indexes).filter((name) => facts.indexes[name]?.kind === "global");
    return rates.map((rate) => ({
      table,
      rate,
      write: writeLimits(facts, rate),
      read: readLimits(facts, rate),
      tooLow: lowRate(writeLimits(facts, rate)!) ?? null,
      readOfIndexes: Object.fromEntries(globals.map((name) => [name, readLimits(facts, rate, name)])),
    }));
  });
  expectGolden("table-limits", JSON.parse(JSON.stringify(made)));
});

test("valid and invalid rates", () => {
  const schema = startOptions.writeRate.schema;
  const problem = (rate: unknown) => v.safeParse(schema, rate).issues?.[0].message ?? null;
  expectGolden(
    "rates",
    [...rates, ...wrong].map((rate) => ({ rate, problem: problem(rate) })),
  );
});
