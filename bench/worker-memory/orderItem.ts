import type { Item } from "../../shared/aws/itemSize";

/** The n-th of the items that are read: 400 B with eight attributes, like a typical record. */
export function orderItem(n: number): Item {
  return {
    id: { S: `order-${String(n).padStart(10, "0")}` },
    customer: { S: `customer-${(n * 7_919) % 5_000}` },
    status: { S: ["open", "paid", "shipped"][n % 3]! },
    total: { N: String((n * 37) % 100_000) },
    placedAt: { S: new Date(1_700_000_000_000 + n * 1_234_567).toISOString() },
    express: { BOOL: n % 7 === 0 },
    lines: { L: [{ M: { sku: { S: `sku-${(n * 104_729) % 900}` }, quantity: { N: String(1 + (n % 5)) } } }] },
    note: { S: noteOf(n) },
  };
}

const NOTE_CHARACTERS = 210;

/** Text that compresses about as notes that people write do, to a third; a run of one character would compress to nothing. */
function noteOf(n: number): string {
  let note = "";
  for (let word = n; note.length < NOTE_CHARACTERS; word = (word * 1_103_515_245 + 12_345) % 2_147_483_648) {
    note += `${WORDS[word % WORDS.length]} `;
  }
  return note.slice(0, NOTE_CHARACTERS);
}

const WORDS = (
  "please deliver to the back door call before noon gift wrapped fragile leave with neighbour invoice by mail " +
  "second attempt customer asked for a smaller box blue instead of green and no receipt inside thank you"
).split(" ");
