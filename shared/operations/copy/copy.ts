/**
 * Copies items into another table, or the items of an export into a table. Without a condition a copy overwrites what is
 * there; with `ifAbsent` it leaves items that are there as they are.
 */
import { sameItem } from "../../aws/expressions/sameValue";
import type { Item } from "../../aws/itemSize";
import type { TableSchema } from "../../tables/schema";
import { BatchPutter } from "../../writing/batchPut";
import type { Decide, Verdict } from "../../writing/conditionalWrite";
import { keyOf } from "../../writing/itemKey";
import type { Settled } from "../../writing/settleItems";
import { declaredUpdate } from "../../writing/update/declared";
import { updateProblems } from "../../writing/update/problems";
import { changeItems, type Ground, type Settle } from "../changeItems";
import type { CheckedAgainst, Params, Tools } from "../operation";
import { copiedItem, type Transform } from "./copiedItem";
import { copyOptions } from "./params";

export const copy = changeItems({
  options: copyOptions,
  changes: ({ to }, table) => (to as string | undefined) ?? table,
  check: (params, against) => [...targetProblems(params, against), ...transformProblems(params)],
  decider: (ground) => deciderOf(ground),
  settler: (ground, tools) => (ground.params.ifAbsent === true ? undefined : puts(ground, tools)),
});

function targetProblems({ to }: Params, { source = "table", table }: CheckedAgainst): string[] {
  if (source !== "table") return [];
  if (to === undefined) return ["to must be given: the table that the copy goes to."];
  return to === table?.name ? ["to must be another table: a copy of a table into itself changes nothing."] : [];
}

function transformProblems({ transform }: Params): string[] {
  if (transform === undefined) return [];
  return updateProblems(transform, undefined).map((problem) => `transform: ${problem}`);
}

function transformOf({ params, job }: Ground): Transform {
  return params.transform === undefined ? undefined : declaredUpdate(params.transform as object, undefined, job);
}

/** Decides for conditional puts. An item that is there already is left as it is. */
function deciderOf(ground: Ground): Decide {
  const transform = transformOf(ground);
  return (item) => {
    const copied = copiedItem(item, transform, ground.target);
    if ("do" in copied) return copied;
    const { made } = copied;
    const met = (there: Item): Verdict => ({ do: "count", outcome: sameItem(there, made) ? "already" : "skipped" });
    return {
      do: "write",
      write: { key: keyOf(made, ground.target), change: { kind: "put", item: made }, seen: [] },
      met,
    };
  };
}

/** Puts without a condition, 25 to a request. */
function puts(ground: Ground, { dynamodb, retry, perSecond, signal }: Tools): Settle {
  const { name, keys } = ground.target;
  const write = () => perSecond("write");
  const putter = new BatchPutter({ client: dynamodb, retry, perSecond: write, signal, table: name, keys });
  const transform = transformOf(ground);
  return async (items) => {
    const copied = items.map((item) => copiedItem(item, transform, ground.target));
    const made = copied.flatMap((each) => ("do" in each ? [] : [each.made]));
    const answers = (await putter.put(made)).values();
    return items.map((item, at) => settled(item, copied[at]!, ground.target, () => answers.next().value!));
  };
}

function settled(
  item: Item,
  copied: ReturnType<typeof copiedItem>,
  target: TableSchema,
  answer: () => Awaited<ReturnType<BatchPutter["put"]>>[number],
): Settled {
  if ("do" in copied) {
    if (copied.do === "count") return { item, key: {}, outcome: copied.outcome };
    const { code, reason } = copied;
    return { item, key: item, outcome: "failed", failure: { code, reason, attempts: 0 } };
  }
  const key = keyOf(copied.made, target);
  const put = answer();
  if (put.end === "written") return { item, key, outcome: "updated" };
  const { code, reason, attempts } = put;
  return { item, key, outcome: "failed", failure: { code, reason, attempts } };
}
