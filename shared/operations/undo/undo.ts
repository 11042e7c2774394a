/**
 * Undoes a job that kept former values: its items are the job's records. Each item that is still as the job left it gets its
 * former values back. Other items are conflicts, `already` as they were, or `gone`.
 */
import type { Item } from "../../aws/itemSize";
import { recordIn } from "../../writing/before/beforeRecord";
import { keyText } from "../../writing/keyText";
import { ItemReader } from "../../writing/readItems";
import { changeItems, type Ground, writerOptions } from "../changeItems";
import type { Tools } from "../operation";
import { undoVerdict } from "./undoVerdict";

/** An attribute that is added to a record: the item as it is in the table now. */
const THERE = "there";

export const undo = changeItems({
  prepared,
  puts: true,
  decider:
    ({ target }) =>
    (item) =>
      undoVerdict(recordIn(item), target, item[THERE]?.M),
  keyOf: (item) => recordIn(item).key,
  conflict: "The item is no longer as the job left it.",
});

/** The condition of a delete doesn't notice attributes that others added. So items that were put are read first. */
async function prepared(items: readonly Item[], { target }: Ground, tools: Tools): Promise<readonly Item[]> {
  const keys = items.flatMap((item) => (item.change?.S === "put" ? [recordIn(item).key] : []));
  if (keys.length === 0) return items;
  const found = await new ItemReader(target.name, writerOptions(tools, "read")).read(keys);
  return items.map((item) => {
    const there = item.change?.S === "put" ? found.get(keyText(recordIn(item).key)) : undefined;
    return there === undefined ? item : { ...item, [THERE]: { M: there } };
  });
}
