/** Document paths: `Address.Lines[0]` is `["Address", "Lines", 0]`. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "../itemSize";

/** An attribute's name, then names of map entries and numbers of list elements, from 0. At least one part. */
export type Path = readonly [string, ...(string | number)[]];

/** The value at a path; undefined if there is none. */
export function valueAt(item: Item, path: Path): AttributeValue | undefined {
  let value = attributeOf(item, path[0]);
  for (let i = 1; i < path.length && value !== undefined; i++) {
    const part = path[i]!;
    if (typeof part === "number") value = value.L?.[part];
    else value = value.M === undefined ? undefined : attributeOf(value.M, part);
  }
  return value;
}

/** A path, spelled as in expressions. */
export function pathText([name, ...rest]: Path): string {
  return name + rest.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("");
}

/** The attribute of that name, which may be any name, even `constructor`; undefined if there is none. */
export function attributeOf(of: Item, name: string): AttributeValue | undefined {
  return Object.hasOwn(of, name) ? of[name] : undefined;
}
