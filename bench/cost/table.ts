import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createTable, fillTable } from "../../local/fillTable";

/** Bytes that a capacity unit reads, eventually consistent. */
export const UNIT_BYTES = 8_192;

/** Words of which items' text is made: it compresses about as well as people's text. */
const WORDS =
  "order paid shipped open return invoice gift box blue green north south customer note call before noon back door".split(
    " ",
  );

export interface TableSize {
  readonly items: number;
  /** Bytes of all items, roughly. */
  readonly bytes: number;
}

/** The size of a table whose scan takes `seconds` at a rate, RCU/s; at most `mostBytes`. */
export function sizeFor(rate: number, seconds: number, itemBytes: number, mostBytes: number): TableSize {
  const bytes = Math.min(mostBytes, rate * seconds * UNIT_BYTES);
  return { items: Math.ceil(bytes / itemBytes), bytes };
}

/** Makes the table with items of half to one and a half times `itemBytes`. */
export async function makeTable(
  dynamodb: DynamoDBClient,
  table: string,
  { items }: TableSize,
  itemBytes: number,
): Promise<void> {
  await createTable(dynamodb, table);
  await fillTable(dynamodb, table, items, (n) => ({
    id: { S: `item-${String(n).padStart(9, "0")}` },
    text: { S: textOf(n, Math.max(1, Math.round(itemBytes * (0.5 + ((n * 7_919) % 1_000) / 1_000)) - ID_BYTES)) },
  }));
}

/** Bytes of the attributes' names and of the key. */
const ID_BYTES = 20;

function textOf(n: number, bytes: number): string {
  let text = "";
  for (let word = n + 1; text.length < bytes; word = (word * 1_103_515_245 + 12_345) % 2_147_483_648) {
    text += `${WORDS[(word >> 8) % WORDS.length]} `;
  }
  return text.slice(0, bytes);
}
