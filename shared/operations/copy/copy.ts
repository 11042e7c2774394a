/**
 * Copies items into another table, or the items of an export into a table. Without a condition a copy overwrites existing
 * items; with `ifAbsent` it leaves them as they are.
 */
import { sameItem } from "../../aws/expressions/sameValue";
import type { Item } from "../../aws/itemSize";
import { BatchPutter, type PutAnswer } from "../../writing/batchPut";
import type { Decide, Verdict } from "../../writing/conditionalWrite";
import { keyOf } from "../../writing/itemKey";
import type { Settled } from "../../writing/settleItems";
import { declaredUpdate } from "../../writing/update/declared";
import type { Count, Failure } from "../../writing/update/itemUpdate";
import { changeItems, type Ground, type Settle, writerOptions } from "../changeItems";
import type { Tools } from "../operation";
import { copiedItem, type Transform } from "./copiedItem";

export const copy = changeItems({
  puts: true,
  decider: copyDecider,
  settler: (ground, tools) => (ground.params.ifAbsent === true ? undefined : puts(ground, tools)),
});

function transformOf({ params, job }: Pick<Ground, "params" | "job">): Transform {
  return params.transform === undefined ? undefined : declaredUpdate(params.transform as object, undefined, job);
}

/** Decides on conditional puts. An existing item stays as it is. */
export function copyDecider(ground: Omit<Ground, "keys">): Decide {
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
function puts(ground: Ground, tools: Tools): Settle {
  const { name, keys } = ground.target;
  const putter = new BatchPutter({ ...writerOptions(tools), table: name, keys });
  const transform = transformOf(ground);
  const source = { name, keys: ground.keys };
  return async (items) => {
    const copied = items.map((item) => copiedItem(item, transform, ground.target));
    const made = copied.flatMap((each) => ("do" in each ? [] : [each.made]));
    const answers = (await putter.put(made)).values();
    return items.map((item, at) => {
      const of = copied[at]!;
      return { item, key: keyOf(item, source), ...("do" in of ? withoutPut(of) : afterPut(answers.next().value!)) };
    });
  };
}

type Ended = Pick<Settled, "outcome" | "failure">;

function withoutPut(copied: Count | Failure): Ended {
  if (copied.do === "count") return { outcome: copied.outcome };
  const { code, reason } = copied;
  return { outcome: "failed", failure: { code, reason, attempts: 0 } };
}

function afterPut(answer: PutAnswer): Ended {
  if (answer.end === "written") return { outcome: "updated" };
  const { code, reason, attempts } = answer;
  return { outcome: "failed", failure: { code, reason, attempts } };
}
