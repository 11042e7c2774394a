/**
 * Asks for the figures that metering needs, and removes them from responses and errors if the caller didn't ask for them.
 */
import {
  ConditionalCheckFailedException,
  type ConsumedCapacity,
  TransactionCanceledException,
} from "@aws-sdk/client-dynamodb";
import { action, type Input, parsed, type StatementInput, statementsOf, type TransactItem } from "./operations";
import type { Output } from "./outcome";

const ALL_OLD = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;

/** The input, extended so that the response has all figures that metering needs. */
export function metered(input: Input): Input {
  const asked: Input = { ...input, ReturnConsumedCapacity: detail(input) };
  const { TransactItems, Statements, TransactStatements } = input;
  if (TransactItems !== undefined) return { ...asked, TransactItems: TransactItems.map(meteredAction) };
  if (Statements !== undefined) return { ...asked, Statements: Statements.map(meteredStatement) };
  if (TransactStatements !== undefined)
    return { ...asked, TransactStatements: TransactStatements.map(meteredStatement) };
  if (input.Statement !== undefined) return meteredStatement(asked);
  return input.ConditionExpression === undefined ? asked : { ...asked, ...ALL_OLD };
}

/**
 * `INDEXES`, but for transactions that read: there `TOTAL` is the only value that the service documents, and nothing is
 * lost, because they read no index.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
 */
function detail({ ReturnConsumedCapacity: asked, TransactItems, TransactStatements }: Input): string {
  const reads =
    TransactItems?.some(({ Get }) => Get !== undefined) ||
    TransactStatements?.some((each) => parsed(each)?.direction !== "write");
  return reads && asked !== "INDEXES" ? "TOTAL" : "INDEXES";
}

function meteredAction(item: TransactItem): TransactItem {
  const entries = Object.entries(item).map(([kind, given]) => {
    return [kind, given?.ConditionExpression === undefined ? given : { ...given, ...ALL_OLD }];
  });
  return Object.fromEntries(entries);
}

/** Only these two can return the item that failed the condition. Statements that ask for it already stay as they are. */
function meteredStatement<S extends StatementInput>(statement: S): S {
  if (wantsItem(statement)) return statement;
  const verb = parsed(statement)?.verb;
  return verb === "update" || verb === "delete" ? { ...statement, ...ALL_OLD } : statement;
}

/** The output, with only what the caller asked for. */
export function outputAsAsked(output: Output, asked: Input): void {
  asked.Statements?.forEach((statement, i) => {
    const error = output.Responses?.[i]?.Error;
    if (error !== undefined && !wantsItem(statement)) delete error.Item;
  });
  capacityAsAsked(output, asked);
}

/** Keeps all of `ConsumedCapacity` (`INDEXES`), only the sums (`TOTAL`), or nothing. */
function capacityAsAsked(output: Output, asked: Input): void {
  if (asked.ReturnConsumedCapacity === "INDEXES" || output.ConsumedCapacity === undefined) return;
  if (asked.ReturnConsumedCapacity !== "TOTAL") delete output.ConsumedCapacity;
  else if (Array.isArray(output.ConsumedCapacity)) output.ConsumedCapacity = output.ConsumedCapacity.map(totals);
  else output.ConsumedCapacity = totals(output.ConsumedCapacity);
}

function totals({ Table: _, LocalSecondaryIndexes: __, GlobalSecondaryIndexes: ___, ...sums }: ConsumedCapacity) {
  return sums;
}

/** Keeps the item that failed a condition only if the caller asked for it. */
export function errorAsAsked(error: unknown, asked: Input): void {
  if (error instanceof ConditionalCheckFailedException) {
    if (!wantsItem(asked)) delete error.Item;
  } else if (error instanceof TransactionCanceledException) {
    const parts = asked.TransactItems?.map(action) ?? statementsOf(asked);
    error.CancellationReasons?.forEach((reason, i) => {
      if (!wantsItem(parts[i])) delete reason.Item;
    });
  }
}

function wantsItem(part: Pick<Input, "ReturnValuesOnConditionCheckFailure"> | undefined): boolean {
  return part?.ReturnValuesOnConditionCheckFailure === "ALL_OLD";
}
