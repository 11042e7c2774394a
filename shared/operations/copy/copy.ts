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
import { type Copied, copier } from "./copiedItem";

export const copy = changeItems({
  puts: true,
  decider: copyDecider,
  settler: (ground, tools) => (ground.params.ifAbsent === true ? undefined : puts(ground, tools)),
});

type Decided = Pick<Ground, "params" | "job" | "target">;

function copierOf({ params, job, target }: Decided): Copied {
  const { transform } = params;
  return copier(transform === undefined ? undefined : declaredUpdate(transform as object, undefined, job), target);
}

/** Decides on conditional puts. An existing item stays as it is. */
export function copyDecider(ground: Decided): Decide {
  const copied = copierOf(ground);
  return (item) => {
    const verdict = copied(item);
    if ("do" in verdict) return verdict;
    const { made } = verdict;
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
  const copied = copierOf(ground);
  const source = { name: ground.table, keys: ground.keys };
  return async (items) => {
    const copies = items.map(copied);
    const made = copies.flatMap((each) => ("do" in each ? [] : [each.made]));
    const answers = (await putter.put(made)).values();
    return items.map((item, at) => {
      const of = copies[at]!;
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
