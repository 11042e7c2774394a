/** The outcome of one attempt, in the limiter's terms. */
import {
  ConditionalCheckFailedException,
  type ConsumedCapacity,
  TransactionCanceledException,
} from "@aws-sdk/client-dynamodb";
import { type Item, itemBytes } from "../../aws/itemSize";
import { failedWriteCapacityUnits } from "../metering/capacityUnits";
import { addConsumption, type Consumption, consumptionOf } from "../metering/consumption";
import { cancelledUnits } from "./cancelled";
import { type Input, names, uses } from "./operations";

export interface Outcome {
  /** `undefined`: unknown, so the estimate stands. */
  readonly consumed: Consumption | undefined;
  /** The table gave less than was asked for. */
  readonly throttled: boolean;
}

/** A response's output, as far as the plug-in looks at it. */
export interface Output {
  ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[];
  readonly UnprocessedItems?: Readonly<Record<string, unknown>>;
  readonly UnprocessedKeys?: Readonly<Record<string, unknown>>;
  /** For a batch of statements: one for each, in their order. */
  readonly Responses?: readonly { readonly Error?: { readonly Code?: string; Item?: Item } }[];
}

const throttles = new Set(["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"]);
/** The same within a transaction or a batch of statements. */
const throttleReasons = new Set(["ProvisionedThroughputExceeded", "ThrottlingError", "RequestLimitExceeded"]);
/** A PartiQL INSERT met an existing item, whose size is not reported. */
const duplicates = new Set(["DuplicateItemException", "DuplicateItem"]);

/** Throttled as a whole. A transaction is throttled with any of its items: all or nothing. */
const refused: Outcome = { consumed: { table: 0 }, throttled: true };
/** The attempt used the table, but its consumption is unknown. */
export const unreported: Outcome = { consumed: undefined, throttled: false };

/** A batch that leaves some of its parts undone was throttled, though it succeeded. */
export function outcomeOf(output: Output, input: Input, table: string): Outcome {
  const failed = failedStatements(output, input, table);
  const unprocessed = output.UnprocessedItems ?? output.UnprocessedKeys ?? {};
  const throttled = failed.throttled || Object.keys(unprocessed).some((name) => names(name, table));
  const capacity = output.ConsumedCapacity;
  if (capacity === undefined) return { consumed: undefined, throttled };
  const mine = [capacity].flat().filter((each) => names(each.TableName, table));
  return { consumed: mine.map(consumptionOf).reduce(addConsumption, { table: failed.units }), throttled };
}

/**
 * Statements of a batch that failed. The response reports what the others consumed; a failed condition consumed by the
 * size of the item that it met, or one unit where the response does not return it.
 */
function failedStatements({ Responses }: Output, { Statements = [] }: Input, table: string) {
  let units = 0;
  let throttled = false;
  Statements.forEach((statement, i) => {
    const error = Responses?.[i]?.Error;
    if (error === undefined || !uses(statement, table)) return;
    if (throttleReasons.has(error.Code ?? "")) throttled = true;
    if (error.Code === "ConditionalCheckFailed" || duplicates.has(error.Code ?? ""))
      units += failedWriteCapacityUnits(itemBytes(error.Item ?? {}), 0);
  });
  return { units, throttled };
}

/**
 * A failed condition consumes by the size of the item that it met. A throttled or refused request consumes nothing. After
 * a timeout or a server error the consumption is unknown.
 */
export function outcomeOfError(error: unknown, input: Input, table: string): Outcome {
  if (error instanceof ConditionalCheckFailedException) {
    const units = failedWriteCapacityUnits(itemBytes(error.Item ?? {}), itemBytes(input.Item ?? {}));
    return { consumed: { table: units }, throttled: false };
  }
  if (error instanceof TransactionCanceledException) {
    const reasons = error.CancellationReasons ?? [];
    if (reasons.some(({ Code }) => Code !== undefined && throttleReasons.has(Code))) return refused;
    const units = cancelledUnits(
      input,
      reasons.map(({ Item }) => Item),
      table,
    );
    return units === undefined ? unreported : { consumed: { table: units }, throttled: false };
  }
  const { name = "", $fault } = error as { name?: string; $fault?: string };
  if (throttles.has(name)) return refused;
  if (duplicates.has(name)) return unreported;
  return { consumed: $fault === "client" ? { table: 0 } : undefined, throttled: false };
}
