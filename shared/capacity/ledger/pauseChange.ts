/** Pausing and resuming a ledger. */
import { type UpdateExpressions, updateOf } from "../../aws/update";
import { type Attributes, updateParts } from "./ledgerAttributes";
import type { LedgerChange } from "./ledgerItem";

export function pauseChange(paused: boolean): LedgerChange {
  return { set: { paused } };
}

/**
 * The same as the `Update` of a TransactWriteItems, for whoever pauses a ledger together with something else. It has no
 * condition of its own: the other parts of the transaction decide.
 */
export function pauseUpdate(
  { table, key }: { readonly table: string; readonly key: Attributes },
  paused: boolean,
): { TableName: string; Key: Attributes } & UpdateExpressions {
  const { condition: _, ...parts } = updateParts(pauseChange(paused));
  return { TableName: table, Key: key, ...updateOf(parts) };
}
