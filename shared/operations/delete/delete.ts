/** Deletes items: all, or those that meet a condition. */
import type { Decide } from "../../writing/conditionalWrite";
import { seenIn } from "../../writing/decideBy";
import { keyOf } from "../../writing/itemKey";
import { changeItems } from "../changeItems";
import { conditionOf } from "./condition";
import { deleteVerdict } from "./deleteVerdict";

export const deleteItems = changeItems({
  decider: ({ params, target }): Decide => {
    const verdictOf = deleteVerdict(conditionOf(params));
    return (item) => {
      const verdict = verdictOf(item);
      if (verdict.do === "count") return verdict;
      const seen = seenIn(item, verdict.read, target);
      return { do: "write", write: { key: keyOf(item, target), change: { kind: "delete" }, seen } };
    };
  },
});
