/** Document paths: `Address.Lines[0]` is `["Address", "Lines", 0]`. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "../itemSize";

/** An attribute's name, then names of map entries and numbers of list elements, from 0. At least one part. */
export type Path = readonly [string, ...(string | number)[]];

/** The value at a path; undefined: there is none. */
export function valueAt(item: Item, [name, ...rest]: Path): AttributeValue | undefined {
  let value = ownValue(item, name);
  for (const part of rest) {
    if (typeof part === "number") value = value?.L?.[part];
    else value = value?.M === undefined ? undefined : ownValue(value.M, part);
  }
  return value;
}

/** An attribute may have any name, `constructor` too. */
function ownValue(of: Item, name: string): AttributeValue | undefined {
  return Object.hasOwn(of, name) ? of[name] : undefined;
}
