import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDbLedger } from "../../shared/capacity/ledger/dynamoDbLedger";
import { Ledger } from "../../shared/capacity/ledger/ledger";
import { capacityPlugin } from "../../shared/capacity/plugin/capacityPlugin";
import { CapacityLimiter } from "../../shared/capacity/worker/limiter";
import { systemClock } from "../../shared/clock";

export interface WriteLimitOptions {
  /** The client whose writes are limited. */
  client: DynamoDBClient;
  /** A client without limit, for the ledger's own traffic. */
  ledgerClient: DynamoDBClient;
  resultsTable: string;
  ledgerTable: string;
  /** The most that all store functions together may consume of the results table, in WCU/s. Above 0. */
  writeCapacityLimit: number;
}

/**
 * Limits what the store functions together consume of the results table. Each limit has its own ledger item,
 * `results-write-<limit>`: when the config changes, the functions of the new deployment share a new one.
 * @returns the limiter to open for each invocation.
 */
export function limitWrites(options: WriteLimitOptions): CapacityLimiter {
  const { client, ledgerClient, resultsTable, ledgerTable, writeCapacityLimit } = options;
  const key = { ledger: { S: `results-write-${writeCapacityLimit}` } };
  const limiter = new CapacityLimiter({
    ledger: new Ledger(new DynamoDbLedger({ client: ledgerClient, table: ledgerTable, key })),
    clock: systemClock,
    limits: { table: writeCapacityLimit },
  });
  client.middlewareStack.use(capacityPlugin(limiter, { table: resultsTable, direction: "write" }));
  return limiter;
}
