/** What became of one attempt, in the limiter's terms. */
import {
  ConditionalCheckFailedException,
  type ConsumedCapacity,
  TransactionCanceledException,
} from "@aws-sdk/client-dynamodb";
import { itemBytes } from "../../aws/itemSize";
import { failedWriteCapacityUnits } from "../metering/capacityUnits";
import { addConsumption, type Consumption, consumptionOf } from "../metering/consumption";
import { cancelledUnits, type Input, names } from "./operations";

export interface Outcome {
  /** `undefined`: nobody knows, the estimate stands. */
  readonly consumed: Consumption | undefined;
  /** The table gave less than was asked for. */
  readonly throttled: boolean;
}

/** A response's output, as far as the plug-in looks at it. */
export interface Output {
  ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[];
  readonly UnprocessedItems?: Readonly<Record<string, unknown>>;
  readonly UnprocessedKeys?: Readonly<Record<string, unknown>>;
}

const throttles = new Set(["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"]);
const throttleReasons = new Set(["ProvisionedThroughputExceeded", "ThrottlingError"]);

/** Throttled as a whole. A transaction is, with any of its items: all or nothing. */
const refused: Outcome = { consumed: { table: 0 }, throttled: true };

/** A batch that leaves items unprocessed was throttled, though it succeeded. */
export function outcomeOf(output: Output, table: string): Outcome {
  const unprocessed = output.UnprocessedItems ?? output.UnprocessedKeys ?? {};
  const throttled = Object.keys(unprocessed).some((name) => names(name, table));
  const capacity = output.ConsumedCapacity;
  if (capacity === undefined) return { consumed: undefined, throttled };
  const mine = [capacity].flat().filter((each) => names(each.TableName, table));
  return { consumed: mine.map(consumptionOf).reduce(addConsumption, { table: 0 }), throttled };
}

/**
 * A failed condition consumes by the size of the item it met; a throttled or refused request nothing; after a timeout or
 * a server error nobody knows.
 */
export function outcomeOfError(error: unknown, input: Input, table: string): Outcome {
  if (error instanceof ConditionalCheckFailedException) {
    const units = failedWriteCapacityUnits(itemBytes(error.Item ?? {}), itemBytes(input.Item ?? {}));
    return { consumed: { table: units }, throttled: false };
  }
  if (error instanceof TransactionCanceledException) {
    const reasons = error.CancellationReasons ?? [];
    if (reasons.some(({ Code }) => Code !== undefined && throttleReasons.has(Code))) return refused;
    const existing = reasons.map(({ Item }) => Item);
    return { consumed: { table: cancelledUnits(input, existing, table) }, throttled: false };
  }
  const { name, $fault } = error as { name?: string; $fault?: string };
  if (name !== undefined && throttles.has(name)) return refused;
  return { consumed: $fault === "client" ? { table: 0 } : undefined, throttled: false };
}
