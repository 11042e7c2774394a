/** The consumption of a cancelled transaction, which the response does not report. */
import { type Item, itemBytes, valueBytes } from "../../aws/itemSize";
import { writeCapacityUnits } from "../metering/capacityUnits";
import { action, type Input, names, parsed, type StatementInput, uses } from "./operations";

/**
 * Write units: two for each kilobyte of each of the transaction's items on the table, by the existing item (`existing`, if
 * a condition returned it) or the item to be put, whichever is larger. `undefined` for a transaction that reads, because
 * the size of its items is unknown.
 */
export function cancelledUnits(
  { TransactItems, TransactStatements = [] }: Input,
  existing: readonly (Item | undefined)[],
  table: string,
): number | undefined {
  if (TransactItems?.some(({ Get }) => Get !== undefined)) return undefined;
  if (TransactStatements.some((each) => parsed(each)?.direction !== "write")) return undefined;
  const newBytes = TransactItems
    ? TransactItems.map(action).map((given) =>
        names(given?.TableName, table) ? itemBytes(given?.Item ?? {}) : undefined,
      )
    : TransactStatements.map((each) => (uses(each, table) ? statementBytes(each) : undefined));
  let units = 0;
  newBytes.forEach((bytes, i) => {
    if (bytes !== undefined) units += writeCapacityUnits(Math.max(itemBytes(existing[i] ?? {}), bytes), true);
  });
  return units;
}

/** An upper bound of the size of the item that an INSERT puts: all of the statement's text and parameters. */
function statementBytes(statement: StatementInput): number {
  if (parsed(statement)?.verb !== "insert") return 0;
  const { Statement = "", Parameters = [] } = statement;
  return Parameters.reduce((bytes, value) => bytes + valueBytes(value), Buffer.byteLength(Statement));
}
