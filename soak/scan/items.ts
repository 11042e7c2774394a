import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { seededRandom } from "../../local/faults/random";
import type { Item } from "../../shared/aws/itemSize";

/** Sizes lie between these, most of them towards the smaller, bytes. */
const SMALLEST = 100;
const LARGEST = 4_000;

const TEXTS = ["plain text, ", "çà va ☀️ 😀 ", 'he said "no"\nand left ', "line\u2028separator ", "back\\slash\t"];

/** The n-th item of a table: of mixed size, every sixth with binary; together they have all of DynamoDB's types. */
export function itemOf(n: number, seed: number): Item {
  const random = seededRandom(seed * 1_000_003 + n);
  const below = (bound: number) => Math.floor(random() * bound);
  const size = Math.round(SMALLEST * (LARGEST / SMALLEST) ** random());
  const item: Record<string, AttributeValue> = { id: { S: `item-${n}` }, n: { N: String(n) } };
  const rest = Math.max(1, size - 40);
  if (n % 6 === 0) item.bytes = { B: Buffer.from(Array.from({ length: rest }, () => below(256))) };
  else item.text = { S: textOf(rest, below) };
  if (n % 5 === 0) item.labels = { SS: ["a", "b", `c${below(9)}`] };
  if (n % 7 === 0) item.nested = { M: { list: { L: [{ N: "1.50" }, { BOOL: true }, { NULL: true }] } } };
  if (n % 11 === 0) item.sets = { M: { n: { NS: ["1", "2.25"] }, b: { BS: [Buffer.from([n % 256, 1])] } } };
  return item;
}

function textOf(bytes: number, below: (bound: number) => number): string {
  let text = "";
  while (text.length < bytes) text += `${TEXTS[below(TEXTS.length)]}${below(1_000_000)} `;
  return text.slice(0, bytes).toWellFormed();
}
