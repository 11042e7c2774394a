/** The latest answers of every participant, as rows. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { dynamoJson } from "../../../shared/aws/dynamoJson";
import type { Item } from "../../../shared/aws/itemSize";
import { isQuestion } from "../questions";
import type { Desk } from "./desk";
import type { Cell, ExportColumns, ExportRow } from "./exportRow";
import { scanItems } from "./markers";

export const PARTICIPANT_COLUMNS: ExportColumns = {
  first: ["user_id", "num_submission", "num_implausible_time", "timestamp", "submitted_at", "time_elapsed"],
  last: ["freetext"],
};

const FIXED = [...PARTICIPANT_COLUMNS.first, ...PARTICIPANT_COLUMNS.last];

/** The items that an export left out. */
export interface ParticipantTally {
  /** Erased participants, of whom only the tombstone is left. */
  erased: number;
}

/** A row for each participant, in no order. Attributes that others keep on the items are left out. */
export async function* participantRows(desk: Desk, tally: ParticipantTally): AsyncGenerator<ExportRow> {
  for await (const item of scanItems(desk, desk.resultsTable)) {
    if (item.erased_at === undefined) yield participantRow(item);
    else tally.erased++;
  }
}

function participantRow(item: Item): ExportRow {
  const names = [...FIXED, ...Object.keys(item).filter(isQuestion)];
  const cells = names.flatMap((name) => (item[name] === undefined ? [] : [[name, cellOf(item[name])] as const]));
  return { num_implausible_time: { number: "0" }, ...Object.fromEntries(cells) };
}

/** The store function writes strings and numbers; others may have put any type there. */
function cellOf(value: AttributeValue): Cell {
  if (value.N !== undefined) return { number: value.N };
  return value.S ?? value.BOOL ?? dynamoJson({ value });
}
