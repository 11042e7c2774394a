/** `tables`: what the stack's jobs may work on. */
import type { Command } from "commander";
import { SluiceError } from "../../shared/errors";
import type { Capacity } from "../../shared/tables/facts";
import type { Attach, Session } from "../session";
import { bytes, whole } from "../text/format";
import { toJson } from "../text/json";
import { textTable } from "../text/table";
import { type ListedPlace, type ListedTable, readTables } from "./readTables";

const HELP = `
RCU/S and WCU/S show the capacity to which a rate such as 50% refers. For a
provisioned table, that is its provisioned capacity. For an on-demand table, it is
the table's own maximum, its warm throughput or what AWS gives every table. A rate
may be as high as the figure after the slash. DynamoDB updates the counts of items
and bytes about every six hours. The stack's config scannerTables and
backfillTables name the tables.`;

export function addTablesCommand(program: Command, attach: Attach): void {
  const tables = program
    .command("tables")
    .description("List the tables that jobs may read or change, with size and capacity.");
  attach(tables.addHelpText("after", HELP), listTables);
}

/** @throws SluiceError NO_TABLES if the stack was deployed by a version that didn't name its tables */
async function listTables(session: Session): Promise<number> {
  const { dynamodb, tables } = await session.operator();
  if (tables === undefined) {
    throw new SluiceError("NO_TABLES", "The stack's outputs name no tables: run `pulumi up` again.");
  }
  const found = await readTables(dynamodb, tables);
  session.print(toJson({ tables: found }, 2), renderTables(found, session.width));
  return 0;
}

const COLUMNS = [
  { head: "TABLE" },
  { head: "JOBS MAY" },
  { head: "ITEMS", align: "right" },
  { head: "SIZE", align: "right" },
  { head: "CAPACITY" },
  { head: "RCU/S", align: "right" },
  { head: "WCU/S", align: "right" },
] as const;

/** Tables with their indexes. @param width columns of the terminal */
export function renderTables(tables: readonly ListedTable[], width?: number): string {
  if (tables.length === 0) return "The stack has no table that jobs may work on.";
  return textTable(COLUMNS, tables.flatMap(rowsOf), width);
}

function rowsOf(listed: ListedTable): string[][] {
  const { table, read, write, status, indexes } = listed;
  const access = [...(read ? ["read"] : []), ...(write ? ["write"] : [])].join(", ");
  const state = status === "ACTIVE" ? "" : `, ${STATES[status] ?? status.toLowerCase()}`;
  return [
    [table, access + state, ...figures(listed)],
    ...indexes.map(({ index, kind, ...place }) => [`${table}/${index}`, `read, as a ${kind} index`, ...figures(place)]),
  ];
}

const STATES: Readonly<Record<string, string>> = { DENIED: "you may not describe it" };

function figures({ items, bytes: size, capacityMode, readCapacity, writeCapacity }: Partial<ListedPlace>): string[] {
  if (items === undefined || size === undefined || readCapacity === undefined || writeCapacity === undefined) return [];
  return [whole(items), bytes(size), capacityMode ?? "", describe(readCapacity), describe(writeCapacity)];
}

/** `12,000/40,000`, or one figure where both are the same. */
function describe({ perSecond, most }: Capacity): string {
  return perSecond === most ? whole(most) : `${whole(perSecond)}/${whole(most)}`;
}
