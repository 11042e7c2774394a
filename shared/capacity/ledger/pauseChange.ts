/** Pausing and resuming a ledger. */
import { type UpdateExpressions, updateOf } from "../../aws/update";
import { type Attributes, updateParts } from "./ledgerAttributes";
import type { LedgerChange } from "./ledgerItem";

/** Pauses or resumes the whole ledger, or only `member` of a ledger that several jobs share. */
export function pauseChange(paused: boolean, member?: string): LedgerChange {
  return member === undefined ? { set: { paused } } : { member: { name: member, paused } };
}

/**
 * The same as the `Update` of a TransactWriteItems, to pause a ledger together with another change. It has no condition:
 * the other parts of the transaction decide.
 */
export function pauseUpdate(
  { table, key }: { readonly table: string; readonly key: Attributes },
  paused: boolean,
  member?: string,
): { TableName: string; Key: Attributes } & UpdateExpressions {
  const { condition: _, ...parts } = updateParts(pauseChange(paused, member));
  return { TableName: table, Key: key, ...updateOf(parts) };
}

/** An UpdateItem that removes all traces of a member that is gone for good from a shared ledger, which must exist. */
export function leaveUpdate(
  { table, key }: { readonly table: string; readonly key: Attributes },
  member: string,
): { TableName: string; Key: Attributes } & UpdateExpressions {
  return { TableName: table, Key: key, ...updateOf(updateParts(pauseChange(false, member))) };
}
