/** Takes out of responses and errors what only the plug-in asked for. */
import {
  ConditionalCheckFailedException,
  type ConsumedCapacity,
  TransactionCanceledException,
} from "@aws-sdk/client-dynamodb";
import { action, type Input } from "./operations";
import type { Output } from "./outcome";

/** Leaves of `ConsumedCapacity` what the caller asked for: all (`INDEXES`), the sums (`TOTAL`) or nothing. */
export function outputAsAsked(output: Output, asked: Input): void {
  if (asked.ReturnConsumedCapacity === "INDEXES" || output.ConsumedCapacity === undefined) return;
  if (asked.ReturnConsumedCapacity !== "TOTAL") delete output.ConsumedCapacity;
  else if (Array.isArray(output.ConsumedCapacity)) output.ConsumedCapacity = output.ConsumedCapacity.map(totals);
  else output.ConsumedCapacity = totals(output.ConsumedCapacity);
}

function totals({ Table: _, LocalSecondaryIndexes: __, GlobalSecondaryIndexes: ___, ...sums }: ConsumedCapacity) {
  return sums;
}

/** Leaves the item that failed a condition only where the caller asked for it. */
export function errorAsAsked(error: unknown, asked: Input): void {
  if (error instanceof ConditionalCheckFailedException) {
    if (asked.ReturnValuesOnConditionCheckFailure !== "ALL_OLD") delete error.Item;
  } else if (error instanceof TransactionCanceledException) {
    error.CancellationReasons?.forEach((reason, i) => {
      const given = action(asked.TransactItems?.[i] ?? {});
      if (given?.ReturnValuesOnConditionCheckFailure !== "ALL_OLD") delete reason.Item;
    });
  }
}
