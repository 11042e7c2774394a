import type { Item } from "../../shared/aws/itemSize";

/** The n-th item that is written. @param moved share of the items whose update changes the key of `byTag`. @param random uniform in [0, 1). */
export function writtenItem(n: number, moved: number, random: () => number): Item {
  const tag = `tag-${n % 50}`;
  return {
    id: { S: `item-${n}` },
    tag: { S: tag },
    nextTag: { S: random() < moved ? "tag-new" : tag },
    customer: { S: `customer-${n % 500}` },
    version: { N: "1" },
    note: { S: "x".repeat(Math.floor(2_500 * random() ** 2)) },
  };
}
